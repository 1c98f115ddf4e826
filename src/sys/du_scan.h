/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One worker of a scan and the reading of one folder.
 */
#ifndef SYS_DU_SCAN_H
#define SYS_DU_SCAN_H

#include "du_impl.h"

struct du_item {
	uint64_t ino;
	uint32_t name; /* in du_worker.names */
	uint8_t name_len;
};

/* Room that one worker uses again and again. */
struct du_worker {
	struct du *du;
	char *buffer; /* of getdents64(2) */
	char *names;
	size_t n_names, cap_names;
	struct du_item *items;
	size_t n_items, cap_items;
	struct du_link_seen {
		uint64_t dev, ino;
		uint32_t slot;
	} * links; /* files of this folder with several names */
	size_t n_links, cap_links;
};

void du_worker_free(struct du_worker *w);
/** Read a folder, publish its entries, push its folders. */
void du_scan_folder(struct du_worker *w, struct du_task task);

/* The other side, in du.c: */

void du_note_error(struct du *du, uint32_t folder, struct str name, int sys);
/** Hand in `n` folders found in one that is open as `handle`. */
void du_push(struct du *du, const uint32_t *folders, size_t n, struct du_handle *handle);
void du_handle_put(struct du *du, struct du_handle *handle);

#endif

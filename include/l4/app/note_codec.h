/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the store learns what is in a note: hand this to store_open().
 */
#ifndef APP_NOTE_CODEC_H
#define APP_NOTE_CODEC_H

#include "store/store.h"

extern const struct note_codec note_codec;

#endif

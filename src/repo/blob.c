/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blobs and ids: see repo/tree.h.
 */
#include "objects.h"
#include "repo/tree.h"

_Static_assert(sizeof(struct repo_id) == sizeof(git_oid), "an id is libgit2's id");

void repo_id_hex(const struct repo_id *id, char ret_hex[REPO_HEX + 1])
{
	git_oid oid;

	memcpy(&oid, id, sizeof(oid));
	git_oid_tostr(ret_hex, REPO_HEX + 1, &oid);
}

bool repo_id_parse(struct str hex, struct repo_id *ret)
{
	git_oid oid;

	if (hex.n != REPO_HEX || git_oid_fromstrn(&oid, hex.p, hex.n) < 0)
		return false;
	memcpy(ret, &oid, sizeof(oid));
	return true;
}

bool repo_blob_write(struct repo *repo, struct str bytes, struct repo_id *ret,
		     struct err *err)
{
	git_oid oid;

	if (!objects_put(repo, bytes, GIT_OBJECT_BLOB, &oid, err))
		return false;
	memcpy(ret, &oid, sizeof(oid));
	return true;
}

struct repo_id repo_blob_id(struct str bytes)
{
	struct repo_id id = { 0 };
	git_oid oid;

	if (git_odb_hash(&oid, bytes.p ? bytes.p : "", bytes.n, GIT_OBJECT_BLOB) == 0)
		memcpy(&id, &oid, sizeof(id));
	return id;
}

bool repo_blob_read(struct repo *repo, const struct repo_id *id, struct arena *a,
		    struct str *ret, struct err *err)
{
	git_odb_object *object = NULL;
	char hex[REPO_HEX + 1];
	struct str fresh;
	git_oid oid;
	int rc;

	memcpy(&oid, id, sizeof(oid));
	if (objects_find(repo, &oid, &fresh)) {
		*ret = arena_str(a, fresh);
		return true;
	}
	rc = repo_odb_read(repo, &oid, &object);
	repo_id_hex(id, hex);
	if (rc < 0)
		return repo_git_err(err, rc, "reading object %s", hex);
	*ret = arena_str(a,
			 str_n(git_odb_object_data(object), git_odb_object_size(object)));
	git_odb_object_free(object);
	return true;
}

bool repo_blob_find(struct repo *repo, struct str hex, struct repo_id *ret,
		    struct err *err)
{
	git_odb_object *object = NULL;
	git_oid oid;
	int rc;

	if (hex.n < 4 || hex.n > REPO_HEX || git_oid_fromstrn(&oid, hex.p, hex.n) < 0)
		return err_set(err, ERR_NOTFOUND, "looking up blob " STR_FMT ": no id",
			       STR_ARG(hex));
	rc = git_odb_read_prefix(&object, repo->odb, &oid, hex.n);
	if (rc < 0)
		return repo_git_err(err, rc, "looking up blob " STR_FMT, STR_ARG(hex));
	rc = git_odb_object_type(object) == GIT_OBJECT_BLOB;
	memcpy(ret, git_odb_object_id(object), sizeof(*ret));
	git_odb_object_free(object);
	return rc || err_set(err, ERR_NOTFOUND, "looking up blob " STR_FMT ": no blob",
			     STR_ARG(hex));
}

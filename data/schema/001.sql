-- SPDX-License-Identifier: GPL-2.0-or-later
-- Notes, their history, and what is searched. One numbered file is one step of
-- PRAGMA user_version; a file that has shipped is never changed.

-- Single facts: count of notes, version of the built-in texts, version of the index.
CREATE TABLE fact (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO fact VALUES ('notes', 0), ('references', 0), ('builtins', 0), ('index', 0);

-- What the codec found stands before the bytes, so that lists never read those.
-- Lists (tags, aliases) are joined by LF; body is the offset of the running text. An
-- id is never used for another note.
CREATE TABLE note (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	slug TEXT NOT NULL UNIQUE,
	title TEXT NOT NULL,
	lang TEXT NOT NULL,
	translation TEXT NOT NULL,
	tags TEXT NOT NULL,
	aliases TEXT NOT NULL,
	changed INTEGER NOT NULL,
	body INTEGER NOT NULL,
	bytes BLOB NOT NULL
);
CREATE INDEX note_changed ON note (changed DESC, id);
CREATE TRIGGER note_more AFTER INSERT ON note BEGIN
	UPDATE fact SET value = value + 1 WHERE name = 'notes';
END;
CREATE TRIGGER note_less AFTER DELETE ON note BEGIN
	UPDATE fact SET value = value - 1 WHERE name = 'notes';
END;

CREATE TABLE tag (
	name TEXT NOT NULL,
	note INTEGER NOT NULL,
	PRIMARY KEY (name, note)
) WITHOUT ROWID;
CREATE INDEX tag_note ON tag (note);

-- target is a slug, which need not exist.
CREATE TABLE link (
	target TEXT NOT NULL,
	note INTEGER NOT NULL,
	PRIMARY KEY (target, note)
) WITHOUT ROWID;
CREATE INDEX link_note ON link (note);

-- Uses, halved every two weeks; score is as of the second `at`.
CREATE TABLE usage (
	note INTEGER PRIMARY KEY,
	score REAL NOT NULL,
	at INTEGER NOT NULL
);
CREATE INDEX usage_score ON usage (score);

-- Each save, rename and delete. bytes is the text after it, NULL where the note was gone
-- then, and in the newest revision: that text is the note's own.
CREATE TABLE revision (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	operation INTEGER,
	note INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	time INTEGER NOT NULL,
	slug TEXT NOT NULL,
	was TEXT NOT NULL,
	gone INTEGER NOT NULL,
	bytes BLOB
);
CREATE INDEX revision_note ON revision (note, id);
CREATE INDEX revision_slug ON revision (slug);
CREATE INDEX revision_operation ON revision (operation);

-- What one undo takes back. state: 0 done, 1 undone, 2 undone for good.
CREATE TABLE operation (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	time INTEGER NOT NULL,
	state INTEGER NOT NULL,
	what TEXT NOT NULL
);
CREATE INDEX operation_undone ON operation (id) WHERE state = 1;

-- The text as it last came with the program, which note it became, and a newer text
-- that waits for the user's word because the note was edited.
CREATE TABLE shipped (
	slug TEXT PRIMARY KEY,
	note INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	pending BLOB
);
CREATE INDEX shipped_note ON shipped (note);
CREATE INDEX shipped_pending ON shipped (slug) WHERE pending IS NOT NULL;

-- The second corpus.
CREATE TABLE reference (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	title TEXT NOT NULL,
	bytes BLOB NOT NULL
);
CREATE TRIGGER reference_more AFTER INSERT ON reference BEGIN
	UPDATE fact SET value = value + 1 WHERE name = 'references';
END;
CREATE TRIGGER reference_less AFTER DELETE ON reference BEGIN
	UPDATE fact SET value = value - 1 WHERE name = 'references';
END;

-- head is complete and small: the first answer among a million. whole has everything.
-- Both are contentless: the texts stand in note already. Our rank function needs no
-- docsize.
CREATE VIRTUAL TABLE head USING fts5(title, names, content='', columnsize=0,
	prefix='1 2 3', tokenize='kcrib');
CREATE VIRTUAL TABLE whole USING fts5(title, names, body, content='', columnsize=0,
	prefix='1 2 3 4 5', tokenize='kcrib');
CREATE VIRTUAL TABLE reference_whole USING fts5(title, names, body, content='',
	columnsize=0, prefix='1 2 3 4 5', tokenize='kcrib');

-- Words for the spelling repair and for weights. level is about the binary logarithm of
-- the number of notes that hold the word.
CREATE TABLE word (
	word TEXT PRIMARY KEY,
	level INTEGER NOT NULL
) WITHOUT ROWID;

-- Collect more in memory before a segment is written: an import makes fewer of them. And
-- never merge segments while a note is being saved, which may take 30 ms: store_tidy()
-- does that when nobody waits.
INSERT INTO head (head, rank) VALUES
	('hashsize', 8388608), ('automerge', 0), ('crisismerge', 32), ('usermerge', 4);
INSERT INTO whole (whole, rank) VALUES
	('hashsize', 8388608), ('automerge', 0), ('crisismerge', 32), ('usermerge', 4);
INSERT INTO reference_whole (reference_whole, rank) VALUES
	('hashsize', 8388608), ('automerge', 0), ('crisismerge', 32), ('usermerge', 4);

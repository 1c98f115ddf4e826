# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Rejects that lie about in a folder: one whose lines are nowhere, one for a file that is
# not there.
set -e
i=1
while [ $i -le 40 ]; do
	printf 'int value_%d;\n' $i
	i=$((i + 1))
done >prog.c
cat >prog.c.rej <<'END'
diff a/prog.c b/prog.c	(rejected hunks)
--- a/prog.c
+++ b/prog.c
@@ -30,3 +30,4 @@ struct queue
 	struct lock *lock;
 	size_t waiting;
-	size_t limit;
+	size_t limit, used;
+	bool closed;
END
cat >gone.c.rej <<'END'
diff a/gone.c b/gone.c	(rejected hunks)
--- a/gone.c
+++ b/gone.c
@@ -1,2 +1,2 @@
 first
-second
+2nd
END

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A small repository in which git stopped: "git am --reject" of the second of three
# patches, one hunk in, two rejects left. Same objects each time.
set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME='Ann Author' GIT_AUTHOR_EMAIL=ann@example.org
export GIT_COMMITTER_NAME='Carl Committer' GIT_COMMITTER_EMAIL=carl@example.org
export GIT_AUTHOR_DATE='2024-03-01T12:00:00Z' GIT_COMMITTER_DATE='2024-03-01T12:00:00Z'

scan() {	# names of: the success code, the scanner's result
	cat <<END
/* Look at a range of pages and collapse it when that pays. */
int collapse_range(struct mm *mm, unsigned long addr)
{
	int result;

	if (!hpage_collapse)
		goto out;
	result = scan_pmd(mm, addr);
	if (result != $1)
		return $2;
	count_collapse(mm);
out:
	return result;
}

/* How many pages a collapse may fill in. */
int max_ptes_none(void)
{
	return HPAGE_NR - 1;
}

void scan_slot(struct slot *slot)
{
	struct mm *mm = slot->mm;

	mmap_read_lock(mm);
	for_each_range(mm, collapse_range);
	mmap_read_unlock(mm);
	slot->scans++;
}
END
}

git init -q -b main .
git config user.name "$GIT_COMMITTER_NAME"
git config user.email "$GIT_COMMITTER_EMAIL"
mkdir mm
scan SCAN_SUCCEED 0 >mm/khugepaged.c
printf 'Transparent huge pages\n\nThe daemon scans.\n' >thp.rst
git add .
git commit -qm 'mm: the scanner as it was'

git checkout -qb series
printf 'Transparent huge pages\n\nThe daemon scans each ten seconds.\n' >thp.rst
git commit -qam 'docs: say how often the daemon scans'
sed -i -e 's/scan_pmd(mm, addr)/scan_range(mm, addr, order)/' \
	-e 's/return HPAGE_NR - 1;/return (1 << order) - 1;/' \
	-e 's/slot->scans++;/slot->scans += 1 << order;/' mm/khugepaged.c
git commit -qam 'mm: let mTHP collapse'
printf '\nSizes below the PMD are collapsed too.\n' >>thp.rst
git commit -qam 'docs: mTHP'
git format-patch -q --zero-commit --no-signature -o ../series main

git checkout -q main
scan SCAN_OK -1 | sed -e 's/HPAGE_NR - 1/HPAGE_PMD_NR - 1/' >mm/khugepaged.c
git commit -qam 'mm: rename SCAN_SUCCEED'
if git am --reject ../series/*.patch >/dev/null 2>&1; then exit 1; fi
test -f mm/khugepaged.c.rej

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the search knows of English and Chinese: words that say nothing about what is
 * looked for. Two tables and their look-ups; a word that is in no table is a word like
 * any other.
 */
#include "query.h"

/* In the order of strcmp(): looked up for every word of every name. */
static const char *const stop_words[] = {
	"a",       "about",   "actually", "after",  "all",       "also",   "am",
	"an",      "and",     "another",  "any",    "are",       "as",     "at",
	"be",      "because", "been",     "being",  "between",   "both",   "but",
	"by",      "called",  "can",      "cannot", "correctly", "could",  "did",
	"do",      "does",    "doing",    "during", "each",      "every",  "exactly",
	"for",     "from",    "get",      "give",   "given",     "gives",  "happens",
	"has",     "have",    "here",     "how",    "i",         "if",     "in",
	"inside",  "instead", "into",     "is",     "it",        "its",    "just",
	"kind",    "like",    "look",     "looks",  "make",      "makes",  "many",
	"me",      "mean",    "means",    "might",  "much",      "must",   "my",
	"need",    "no",      "not",      "now",    "of",        "off",    "on",
	"one",     "only",    "or",       "other",  "our",       "out",    "over",
	"own",     "please",  "properly", "really", "right",     "same",   "see",
	"several", "should",  "simply",   "so",     "some",      "still",  "such",
	"tell",    "than",    "that",     "the",    "their",     "them",   "then",
	"there",   "these",   "they",     "this",   "through",   "to",     "turn",
	"until",   "up",      "upon",     "use",    "using",     "versus", "vs",
	"want",    "was",     "we",       "were",   "what",      "when",   "whenever",
	"where",   "whether", "which",    "while",  "who",       "why",    "will",
	"with",    "within",  "without",  "would",  "you",       "your",
};

static int by_word(const void *key, const void *entry)
{
	const struct str *word = key;

	return str_cmp(*word, str_of(*(const char *const *)entry));
}

bool stop_word(struct str w)
{
	char low[16];

	if (w.n > sizeof(low) || (unsigned char)w.p[0] >= 0x80)
		return false;
	for (size_t i = 0; i < w.n; i++)
		low[i] = (char)(w.p[i] >= 'A' && w.p[i] <= 'Z' ? w.p[i] + 32 : w.p[i]);
	w.p = low;
	return bsearch(&w, stop_words, ARRAY_SIZE(stop_words), sizeof(*stop_words),
		       by_word);
}

/* Beside another word these say nothing, but names are made with them: "查看线程". */
static const char *const requests[] = {
	"查看", "使用", "进行", "用法", "方法", "问题", "介绍", "解释", "说明", "区别",
	"意思", "含义", "作用", "原因", "教程", "命令", "实现", "出现", "解决", "处理",
};

bool says_little(struct str w)
{
	if (stop_word(w))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (str_eq(w, str_of(requests[i])))
			return true;
	return false;
}

/* Each line: words of which a question has one and its note another. */
static const char *const same_meaning[] = {
	"show list print display view",
	"disable off stop",
	"enable on start activate",
	"remove strip delete drop",
	"folder directory",
	"folders directories",
	"biggest largest",
	"reserve preallocate allocate",
	"mail email",
	"fix repair resolve solve",
	"resume continue proceed",
	"abort cancel undo quit",
	"difference versus compare",
	"download fetch get grab pull",
	"vm guest",
	"explained meaning concept",
	"broke broken regression",
	"phases stages steps states",
	"watch live monitor",
	"advantages pros benefits",
	"usage load",
	"关闭 禁用 停用",
	"打开 启用 开启",
	"修复 解决 修正",
	"继续 恢复",
	"放弃 取消 中止 撤销",
	"下载 获取 拉取",
	"文件夹 目录",
	"预留 分配 申请",
	"客户机 虚拟机",
	"空格 空白",
	"显示 列出",
	"合并 折叠",
};

static bool among(struct str words, struct str w)
{
	struct str one;

	while (str_cut(&words, ' ', &one))
		if (str_eq(one, w))
			return true;
	return false;
}

struct str synonyms(struct str w)
{
	for (size_t i = 0; i < ARRAY_SIZE(same_meaning); i++)
		if (among(str_of(same_meaning[i]), w))
			return str_of(same_meaning[i]);
	return STR_NONE;
}

/* Longer ones first. No character that also begins or ends a common noun. */
static const char *const particles[] = {
	"为什么", "是什么", "有什么", "有哪些", "哪一个", "怎么样", "怎么办", "能不能",
	"是不是", "有没有", "怎么",   "怎样",   "如何",   "什么",   "为何",   "哪些",
	"哪个",   "哪里",   "多少",   "是否",   "可以",   "能否",   "请问",   "一下",
	"应该",   "需要",   "一个",   "某个",   "这个",   "那个",   "的",     "了",
	"吗",     "呢",     "吧",     "和",     "与",     "或",     "把",     "给",
	"从",     "是",     "让",     "哪",
};

size_t particle(struct str s)
{
	for (size_t i = 0; i < ARRAY_SIZE(particles); i++)
		if (str_starts(s, str_of(particles[i])))
			return strlen(particles[i]);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each style looks like: a colour for terminals of 16, 256 and 16 million colours,
 * and attributes that carry the meaning alone where there is no colour.
 */
#include "theme.h"

#define DEFAULT                                                                          \
	{                                                                                \
		-1, -1, -1                                                               \
	}

/* Colours by number: {16, 256, rgb}. */
#define RED                                                                              \
	{                                                                                \
		1, 167, 0xd75f5f                                                         \
	}
#define GREEN                                                                            \
	{                                                                                \
		2, 108, 0x87af87                                                         \
	}
#define YELLOW                                                                           \
	{                                                                                \
		3, 179, 0xd7af5f                                                         \
	}
#define BLUE                                                                             \
	{                                                                                \
		4, 110, 0x87afd7                                                         \
	}
#define MAGENTA                                                                          \
	{                                                                                \
		5, 140, 0xaf87d7                                                         \
	}
#define CYAN                                                                             \
	{                                                                                \
		6, 109, 0x87afaf                                                         \
	}
#define GREY                                                                             \
	{                                                                                \
		8, 245, 0x8a8a8a                                                         \
	}

static const struct look dark[STYLE_COUNT] = {
	[STYLE_TEXT] = { DEFAULT, DEFAULT, 0 },
	[STYLE_HEAD1] = { BLUE, DEFAULT, LOOK_BOLD },
	[STYLE_HEAD2] = { BLUE, DEFAULT, LOOK_BOLD },
	[STYLE_HEAD3] = { DEFAULT, DEFAULT, LOOK_BOLD },
	[STYLE_STRONG] = { DEFAULT, DEFAULT, LOOK_BOLD },
	[STYLE_EMPH] = { DEFAULT, DEFAULT, LOOK_ITALIC },
	[STYLE_STRIKE] = { GREY, DEFAULT, LOOK_DIM },
	[STYLE_CODE] = { YELLOW, DEFAULT, 0 },
	[STYLE_LINK] = { BLUE, DEFAULT, LOOK_UNDERLINE },
	[STYLE_QUOTE] = { GREY, DEFAULT, 0 },
	[STYLE_BULLET] = { GREY, DEFAULT, 0 },
	[STYLE_COMMENT] = { GREY, DEFAULT, LOOK_DIM },
	[STYLE_KEYWORD] = { MAGENTA, DEFAULT, 0 },
	[STYLE_STRING] = { GREEN, DEFAULT, 0 },
	[STYLE_NUMBER] = { CYAN, DEFAULT, 0 },
	[STYLE_PLACEHOLDER] = { YELLOW, DEFAULT, LOOK_BOLD | LOOK_UNDERLINE },
	[STYLE_ADD] = { GREEN, DEFAULT, 0 },
	[STYLE_DEL] = { RED, DEFAULT, 0 },
	[STYLE_HUNK] = { CYAN, DEFAULT, 0 },
	[STYLE_ADD_WORD] = { GREEN, DEFAULT, LOOK_BOLD | LOOK_REVERSE },
	[STYLE_DEL_WORD] = { RED, DEFAULT, LOOK_BOLD | LOOK_REVERSE },
	[STYLE_MATCH] = { YELLOW, DEFAULT, LOOK_BOLD | LOOK_UNDERLINE },
	[STYLE_GOOD] = { GREEN, DEFAULT, 0 },
	[STYLE_WARN] = { YELLOW, DEFAULT, LOOK_BOLD },
	[STYLE_BAD] = { RED, DEFAULT, LOOK_BOLD },
	[STYLE_DIM] = { GREY, DEFAULT, LOOK_DIM },
	[STYLE_NEW] = { GREEN, DEFAULT, LOOK_BOLD },
	[STYLE_GONE] = { GREY, DEFAULT, LOOK_DIM },
};

/* On a light ground the same hues, darker. */
#define D_RED                                                                            \
	{                                                                                \
		1, 124, 0xaf0000                                                         \
	}
#define D_GREEN                                                                          \
	{                                                                                \
		2, 28, 0x008700                                                          \
	}
#define D_YELLOW                                                                         \
	{                                                                                \
		3, 94, 0x875f00                                                          \
	}
#define D_BLUE                                                                           \
	{                                                                                \
		4, 25, 0x005faf                                                          \
	}
#define D_MAGENTA                                                                        \
	{                                                                                \
		5, 90, 0x870087                                                          \
	}
#define D_CYAN                                                                           \
	{                                                                                \
		6, 30, 0x008787                                                          \
	}
#define D_GREY                                                                           \
	{                                                                                \
		8, 242, 0x6c6c6c                                                         \
	}

static const struct look light[STYLE_COUNT] = {
	[STYLE_TEXT] = { DEFAULT, DEFAULT, 0 },
	[STYLE_HEAD1] = { D_BLUE, DEFAULT, LOOK_BOLD },
	[STYLE_HEAD2] = { D_BLUE, DEFAULT, LOOK_BOLD },
	[STYLE_HEAD3] = { DEFAULT, DEFAULT, LOOK_BOLD },
	[STYLE_STRONG] = { DEFAULT, DEFAULT, LOOK_BOLD },
	[STYLE_EMPH] = { DEFAULT, DEFAULT, LOOK_ITALIC },
	[STYLE_STRIKE] = { D_GREY, DEFAULT, LOOK_DIM },
	[STYLE_CODE] = { D_YELLOW, DEFAULT, 0 },
	[STYLE_LINK] = { D_BLUE, DEFAULT, LOOK_UNDERLINE },
	[STYLE_QUOTE] = { D_GREY, DEFAULT, 0 },
	[STYLE_BULLET] = { D_GREY, DEFAULT, 0 },
	[STYLE_COMMENT] = { D_GREY, DEFAULT, LOOK_DIM },
	[STYLE_KEYWORD] = { D_MAGENTA, DEFAULT, 0 },
	[STYLE_STRING] = { D_GREEN, DEFAULT, 0 },
	[STYLE_NUMBER] = { D_CYAN, DEFAULT, 0 },
	[STYLE_PLACEHOLDER] = { D_YELLOW, DEFAULT, LOOK_BOLD | LOOK_UNDERLINE },
	[STYLE_ADD] = { D_GREEN, DEFAULT, 0 },
	[STYLE_DEL] = { D_RED, DEFAULT, 0 },
	[STYLE_HUNK] = { D_CYAN, DEFAULT, 0 },
	[STYLE_ADD_WORD] = { D_GREEN, DEFAULT, LOOK_BOLD | LOOK_REVERSE },
	[STYLE_DEL_WORD] = { D_RED, DEFAULT, LOOK_BOLD | LOOK_REVERSE },
	[STYLE_MATCH] = { D_RED, DEFAULT, LOOK_BOLD | LOOK_UNDERLINE },
	[STYLE_GOOD] = { D_GREEN, DEFAULT, 0 },
	[STYLE_WARN] = { D_YELLOW, DEFAULT, LOOK_BOLD },
	[STYLE_BAD] = { D_RED, DEFAULT, LOOK_BOLD },
	[STYLE_DIM] = { D_GREY, DEFAULT, LOOK_DIM },
	[STYLE_NEW] = { D_GREEN, DEFAULT, LOOK_BOLD },
	[STYLE_GONE] = { D_GREY, DEFAULT, LOOK_DIM },
};

const struct look *theme_look(bool on_light, enum style style)
{
	return on_light ? &light[style] : &dark[style];
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-1: see sha1.h.
 */
#include "sha1.h"

static uint32_t rol(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void mix(uint32_t h[5], const unsigned char *p)
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
		       p[3];
	for (int i = 16; i < 80; i++)
		w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
			     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
			     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
				      : (b ^ c ^ d) + 0xca62c1d6;
		uint32_t t = rol(a, 5) + f + e + w[i];

		e = d;
		d = c;
		c = rol(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void sha1_init(struct sha1 *s)
{
	*s = (struct sha1){ .h = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
				   0xc3d2e1f0 } };
}

void sha1_add(struct sha1 *s, struct str bytes)
{
	while (bytes.n) {
		size_t at = s->n % 64, n = 64 - at < bytes.n ? 64 - at : bytes.n;

		memcpy(s->block + at, bytes.p, n);
		s->n += n;
		bytes = str_from(bytes, n);
		if (s->n % 64 == 0)
			mix(s->h, s->block);
	}
}

void sha1_end(struct sha1 *s, unsigned char ret[20])
{
	uint64_t bits = s->n * 8;
	unsigned char size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha1_add(s, STR("\x80"));
	while (s->n % 64 != 56)
		sha1_add(s, str_n("", 1));
	sha1_add(s, str_n((const char *)size, 8));
	for (int i = 0; i < 20; i++)
		ret[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

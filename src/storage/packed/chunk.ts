/*
 * A chunk: the samples of a series in one slot of time, packed. All numbers are little-endian.
 *
 *     u8   how times are written, and whether there are stale markers (STALE_FLAG)
 *     u8   how values are written
 *     u16  samples, at least 1
 *     u32  time of the first sample, in milliseconds from the beginning of the slot
 *     times of the others:
 *       TIMES_EVERY      u32 step (none for one sample)
 *       TIMES_ABOUT_8    u32 step, then for each sample i8: how much longer than a step it is since the last one
 *       TIMES_ABOUT_16   the same with i16
 *       TIMES_ANY        for each sample u32 as for the first
 *     values:
 *       VALUES_SAME      f64, the value of all
 *       VALUES_RAW       for each sample f64
 *       else             u8 d, f64 first, then for each other sample i8, i16 or i32: the difference to the one before;
 *                        the value is the sum so far, divided by 10^d
 *
 * Differences are only written where the values come back bit by bit. What is left to be packed after this is a matter of
 * the table's codec. The layout is fixed-width on purpose: decoding is a loop with an addition.
 */

export const HEAD_BYTES = 8
/** A slot with more samples has several chunks. */
export const MAX_SAMPLES_PER_CHUNK = 0xffff

export const STALE_FLAG = 0x80

export const TIMES_EVERY = 0
export const TIMES_ABOUT_8 = 1
export const TIMES_ABOUT_16 = 2
export const TIMES_ANY = 3

export const VALUES_SAME = 0
export const VALUES_RAW = 1
export const VALUES_STEP_8 = 2
export const VALUES_STEP_16 = 3
export const VALUES_STEP_32 = 4

/** Divisors of values with so many decimal places; more are written raw. */
export const POWERS_OF_TEN: readonly number[] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

/* SPDX-License-Identifier: MIT */
/*
 * What each resume and each wait goes through lies together in the library: the
 * tracee has run in between, and each page of code has to be found anew.
 */
#ifndef PTL_HOT_H
#define PTL_HOT_H

#define PTL_HOT __attribute__((hot))

#endif

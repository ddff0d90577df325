# SPDX-License-Identifier: MIT
# program: values
break ymm_full
run
p $ymm5.v8_int32
p $xmm5.v4_int32
info registers ymm5
p $ymm5.v4_int64
set $ymm5.v8_int32[7] = 88
set $ymm5.v8_int32[0] = 11
p $ymm5.v8_int32
p $xmm5.v4_int32
finish
set $xmm15.uint128 = 5
p $xmm15.uint128
p $ymm15.v2_int128
continue

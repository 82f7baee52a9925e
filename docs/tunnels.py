#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Lists background ssh tunnels through libfind: ID, PID, state, listen, target.

usage: tunnels.py [table], a table that "tunps --record" has written; without
one the live system is looked at.  Only functions are called, so nothing here
depends on how the structs of libfind.h are laid out.
"""
import ctypes
import sys

lib = ctypes.CDLL("libfind.so.1", use_errno=True)
SOCKETS, INFO = 0x02, 0x04      # TUN_SCAN_SOCKETS, TUN_SCAN_INFO


def function(name, result, *arguments):
    f = getattr(lib, name)
    f.restype, f.argtypes = result, arguments
    return f


pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
number = ctypes.c_int
tun_open = function("tun_open", pointer, text)
tun_close = function("tun_close", None, pointer)
tun_scan = function("tun_scan", number, pointer, ctypes.c_uint,
                    ctypes.POINTER(pointer))
tun_next = function("tun_next", pointer, pointer, pointer)
tun_list_free = function("tun_list_free", None, pointer)
tun_pid = function("tun_pid", number, pointer)
tun_fwd_count = function("tun_fwd_count", size, pointer)
tun_fwd_at = function("tun_fwd_at", pointer, pointer, size)
tun_fwd_id = function("tun_fwd_id", text, pointer)
tun_fwd_state = function("tun_fwd_state", number, pointer)
tun_state_name = function("tun_state_name", text, number)
tun_listen_text = function("tun_listen_text", number, pointer, text, size)
tun_target_text = function("tun_target_text", number, pointer, text, size)


def words(f, forward):
    """What f writes, as snprintf(3) does; 0 is: not known."""
    buf = ctypes.create_string_buffer(4096)
    return buf.value.decode(errors="replace") if f(forward, buf, 4096) else "?"


ctx = tun_open(sys.argv[1].encode() if len(sys.argv) > 1 else None)
found = pointer()
if not ctx or tun_scan(ctx, SOCKETS | INFO, ctypes.byref(found)) == -1:
    sys.exit(f"tunnels.py: errno {ctypes.get_errno()}")
tunnel = tun_next(found, None)
while tunnel:
    for i in range(tun_fwd_count(tunnel)):
        forward = tun_fwd_at(tunnel, i)
        print(tun_fwd_id(forward).decode(), tun_pid(tunnel),
              tun_state_name(tun_fwd_state(forward)).decode(),
              words(tun_listen_text, forward), words(tun_target_text, forward))
    tunnel = tun_next(found, tunnel)
tun_list_free(found)
tun_close(ctx)

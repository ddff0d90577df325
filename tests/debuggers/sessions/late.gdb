# SPDX-License-Identifier: MIT
# program: loader
shell echo "set args $PROGRAMS/libplugin.so" >args.gdb
source args.gdb
shell rm args.gdb
set breakpoint pending on
break plugin_twice
catch load libplugin
catch unload libplugin
info breakpoints
run
continue
bt
p plugin_calls
p n
finish
p plugin_calls
continue
info sharedlibrary plugin
continue
set args /nonexistent.so
run

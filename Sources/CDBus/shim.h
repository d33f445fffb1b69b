/* libdbus-1, the reference library of D-Bus; imported by SystemBus alone. */
#pragma once
#include <dbus/dbus.h>

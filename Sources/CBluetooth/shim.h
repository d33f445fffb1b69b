/* libbluetooth, the library of the BlueZ project; imported by HostRadio alone. */
#pragma once
#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <bluetooth/hci_lib.h>

/* Debian's Swift is compiled against a glibc of 2.38 or newer, and its static runtime asks for these; Debian 12 and the
 * Raspberry Pi OS made of it have 2.36. Here they are, within the program, by what the older one has. The functions of
 * C23 differ from their elders in one thing: they know binary numbers (0b101), which nobody gives them here. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN __attribute__((visibility("hidden")))

OWN long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
OWN long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
OWN unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
OWN unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }

OWN int __isoc23_vsscanf(const char *text, const char *format, va_list arguments) {
    return vsscanf(text, format, arguments);
}

OWN int __isoc23_sscanf(const char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}

OWN int __isoc23_fscanf(FILE *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vfscanf(file, format, arguments);
    va_end(arguments);
    return count;
}

OWN size_t strlcpy(char *to, const char *from, size_t room) {
    size_t length = strlen(from);
    if (room > 0) {
        size_t count = length < room ? length : room - 1;
        memcpy(to, from, count);
        to[count] = '\0';
    }
    return length;
}

OWN size_t strlcat(char *to, const char *from, size_t room) {
    size_t length = strnlen(to, room);
    return length == room ? room + strlen(from) : length + strlcpy(to + length, from, room - length);
}

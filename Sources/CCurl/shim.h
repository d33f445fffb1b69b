/* libcurl, the transfer library of the curl project; imported by CurlHandle alone. */
#pragma once
#include <curl/curl.h>

/*
 * curl_easy_setopt() and curl_easy_getinfo() are variadic, which Swift cannot call; and what an option wants is checked
 * by nobody then. One function for each kind of value, so that both compilers check it.
 */
static inline CURLcode station_curl_set_number(CURL *handle, CURLoption option, long value)
{
    return curl_easy_setopt(handle, option, value);
}

/* libcurl copies the text. */
static inline CURLcode station_curl_set_text(CURL *handle, CURLoption option, const char *value)
{
    return curl_easy_setopt(handle, option, value);
}

/* The list must outlive the transfer. */
static inline CURLcode station_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value)
{
    return curl_easy_setopt(handle, option, value);
}

/* The buffer has CURL_ERROR_SIZE bytes and must outlive the handle. */
static inline CURLcode station_curl_set_error_buffer(CURL *handle, char *buffer)
{
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

/* Where the upload comes from; `context` is handed to each call. */
static inline CURLcode station_curl_set_reader(CURL *handle, curl_read_callback reader, void *context)
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, reader);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_READDATA, context);
}

/* Where what is downloaded goes; `context` is handed to each call. */
static inline CURLcode station_curl_set_writer(CURL *handle, curl_write_callback writer, void *context)
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, writer);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

/* Called at least once a second; an answer other than 0 ends the transfer. */
static inline CURLcode station_curl_set_watcher(CURL *handle, curl_xferinfo_callback watcher, void *context)
{
    CURLcode code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watcher);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
    }
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

/* The server's last answer, with SMTP to a command other than QUIT; 0 before the first. */
static inline CURLcode station_curl_last_answer(CURL *handle, long *answer)
{
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, answer);
}

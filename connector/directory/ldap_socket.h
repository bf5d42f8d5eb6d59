/* ldap_socket: the bytes between us and one directory server.
 *
 * libldap is given a connection that we made ourselves, because with its own
 *   - a refused or unreachable connection cannot be told from any other trouble;
 *   - a TLS handshake with a silent server never ends (with GnuTLS it even spins);
 *   - a lost connection may be made anew behind our back, without TLS and without login;
 *   - a write to a closed connection raises SIGPIPE.
 * Reading ahead in large pieces also saves most of the system calls.
 *
 * Order of use: connect, attach to the handle that ldap_init_fd() made, free after ldap_unbind.
 * TLS is not done here: libldap lays it on top (ldap_tls.h).
 */
#ifndef DIRECTORY_LDAP_SOCKET_H
#define DIRECTORY_LDAP_SOCKET_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct addrinfo;
struct ldap;
struct ldap_url_desc;
struct ldap_socket;

/* Looks the URL's host up. The caller frees the addresses with freeaddrinfo(). False with err:
 * ERROR_UNAVAILABLE, transient. */
bool ldap_socket_resolve(const struct ldap_url_desc *url, struct addrinfo **ret_addresses,
                         struct error *err);

enum { LDAP_ADDRESS_SIZE = 64 };

/* Connects to what an ldap, ldaps or ldapi URL names, all addresses of a host in turn, within
 * `timeout_seconds` altogether. (Looking up the name is the system's and has the resolver's own
 * limits.) Where the host has several addresses, that of `address` is the first of them, and the
 * one that is connected goes there; else it becomes "". Returns the socket, or -1 with err:
 * ERROR_UNAVAILABLE, transient. */
int ldap_socket_connect(const struct ldap_url_desc *url, char address[LDAP_ADDRESS_SIZE],
                        unsigned timeout_seconds, struct error *err);

/* The moment at which so many seconds from now have passed. */
int64_t ldap_socket_deadline(unsigned seconds);

/* Waits for poll(2)'s events on a socket. False with errno, ETIMEDOUT at the deadline. */
bool ldap_socket_wait(int fd, short events, int64_t deadline);

/* Puts itself under the handle, whose connection is `fd`. A write may wait `write_seconds`. */
struct ldap_socket *ldap_socket_attach(struct ldap *ld, int fd, unsigned write_seconds);

/* From now until `seconds` have passed reads wait for bytes, then fail; 0: reads return at once
 * when there is nothing, as libldap's own waiting expects. */
void ldap_socket_set_deadline(struct ldap_socket *socket, unsigned seconds);

/* No more bytes go either way: what is left to do with the handle is to close it. */
void ldap_socket_break(struct ldap_socket *socket);

/* Why it stopped working: "connection reset by peer", "the server closed the connection", …;
 * NULL while it works. */
const char *ldap_socket_trouble(const struct ldap_socket *socket);

/* Neither is there trouble nor was it broken. */
bool ldap_socket_works(const struct ldap_socket *socket);

bool ldap_socket_timed_out(const struct ldap_socket *socket);

/* After ldap_unbind, which closes the connection. NULL is allowed. */
void ldap_socket_free(struct ldap_socket *socket);

#endif

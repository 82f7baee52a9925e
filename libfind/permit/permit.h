/* SPDX-License-Identifier: ISC */
/*
 * Who may forward what through an sshd: the settings of the sshd, the lines of
 * authorized_keys files, and the decision that sshd makes of both.  The rules
 * are those of auth.c, auth-options.c, auth2-pubkeyfile.c, channels.c and
 * serverloop.c of OpenSSH 9.2 to 10.6.
 */
#ifndef PERMIT_H
#define PERMIT_H

#include "core/core.h"

/* The place of a rule.  file NULL: a default of sshd, or an option of it. */
struct permit_at {
	const char *file;
	unsigned line;
};

/* --- pattern.c ------------------------------------------------------------ */

/*
 * The client as sshd sees it.  host is the address, unless sshd asks DNS; NULL:
 * not known.
 */
struct permit_client {
	const char *user;
	const char *host, *addr;
	int release;		/* of the sshd, as in sshd_settings */
};

/* '*' and '?', as match_pattern() of match.c. */
int	 pattern_match(const char *s, const char *pattern);
/*
 * The client's host and address against from="..." and the part behind '@' of
 * AllowUsers: 1 match, 0 no match, -1 the list is not valid or says no.
 */
int	 pattern_from(const struct permit_client *client, const char *list);
/* USER or USER@HOST of AllowUsers and DenyUsers; the results are the same. */
int	 pattern_user(const struct permit_client *client, const char *pattern);

/*
 * An entry of PermitOpen or PermitListen: "host:port", with the host in brackets
 * if it contains colons.  port -1 is "*".  Returns -1 with a constant *errstr,
 * or with ENOMEM and *errstr NULL.
 */
struct permit_entry {
	const char *host;
	int port;
	struct permit_at at;
};
int	 permit_entry_parse(struct arena *a, const char *text, int listens,
	    struct permit_entry *entry, const char **errstr);

/* --- sshd_settings.c ------------------------------------------------------- */

/* A line that sshd says it has read, with its place. */
struct sshd_line {
	struct permit_at at;
	const char *keyword, *value;
	int late;	/* of a Match block, for this client */
};

/* What "sshd -T" prints: each keyword in lower case, and its value. */
struct sshd_value {
	const char *keyword, *value;
};

struct sshd_settings {
	struct sshd_value *values;
	size_t nvalues;
	struct sshd_line *lines;
	size_t nlines;
	const char *file;	/* the configuration file */
	const char **files;	/* with those that it includes */
	size_t nfiles;
	const char *const *options;	/* -o, which only a Match block beats */
	size_t noptions;
	int by_name;		/* a Match block asks for the client's name */
	int release;		/* of OpenSSH, 902 for 9.2; 0: not known */
	const char *error;	/* the last message that says why it ends */
};

/* Reads the output of "sshd -T -ddd"; -1 only with ENOMEM. */
int	 sshd_settings_read(struct arena *a, const char *text,
	    struct sshd_settings *s);
/* The value of the first line of this keyword, or NULL. */
const char *sshd_value(const struct sshd_settings *s, const char *keyword);
/*
 * The place of the line that decides the keyword: the first one that was read
 * for this client, else the first one of all.
 */
struct permit_at sshd_place(const struct sshd_settings *s,
	    const char *keyword);
/* The words of a line of the configuration. */
int	 sshd_split(struct arena *a, const char *text, const char ***wordsp,
	    size_t *np);
/* The value in that line as it was written, or NULL. */
const char *sshd_line_text(const struct sshd_settings *s,
	    const char *keyword);
/*
 * Calls fn for each word of all lines of a list keyword, such as DenyUsers, with
 * the place of the line that has the word, until fn returns nonzero.
 */
int	 sshd_words(struct arena *a, const struct sshd_settings *s,
	    const char *keyword,
	    int (*fn)(void *arg, const char *word, struct permit_at at),
	    void *arg);

/* --- methods.c, pam.c ----------------------------------------------------- */

/*
 * How many keys a login takes that needs some; 0: there is no such login, or
 * only with a password that the user has not.
 */
int	 methods_keys(const struct sshd_settings *s, int password);
/* Is there a login by passwords alone?  By other means, without a key? */
int	 methods_passwords(const struct sshd_settings *s);
int	 methods_others(const struct sshd_settings *s);
/* May PAM accept a password that is not in shadow(5)? */
int	 pam_asks_others(const struct sshd_settings *s);

/* --- key_blob.c ----------------------------------------------------------- */

/* Bytes of a key or certificate that are left to read. */
struct blob {
	const unsigned char *p;
	size_t n;
	int bad;	/* it ends too early, or its text is no base64 */
};

/* Decodes text up to a blank; -1: ENOMEM. */
int	 blob_decode(struct arena *a, const char *text, struct blob *b);
uint64_t blob_number(struct blob *b, size_t size);
/* A string of the protocol, as what is inside it. */
struct blob blob_string(struct blob *b);
char	*blob_text(struct arena *a, const struct blob *b);

/* The strings of a key of this type, behind the type; -1: not known. */
int	 key_type_strings(const char *type);
/* "ssh-rsa-cert-v01@openssh.com"; OpenSSH 10.6: "ssh-mldsa44-ed25519-cert" */
int	 key_type_is_cert(const char *type);
/* Do both name the same type of key?  "rsa-sha2-256" is "ssh-rsa". */
int	 key_type_equal(const char *a, const char *b);
/* Reads these strings: the bits of an RSA key, else 0; -1: it is no key. */
int	 key_strings_read(const char *type, struct blob *b);
/*
 * A public key in base64, with the type inside.  1: it is one; 0: sshd cannot
 * use it; -1: ENOMEM.  Of a certificate only the type is read.
 */
int	 key_blob_read(struct arena *a, const char *text, const char **typep,
	    int *bitsp);

/* --- key_line.c ------------------------------------------------------------ */

#define KEY_FORWARD	0x01	/* port-forwarding */
#define KEY_PTY		0x02
#define KEY_CA		0x04	/* cert-authority */
#define KEY_RESTRICT	0x08	/* has the word restrict */
#define KEY_ANYTUN	0x10	/* no tunnel= */
#define KEY_TRUSTED	0x20	/* a CA of TrustedUserCAKeys */
#define KEY_NAMED	0x40	/* a file names a principal of the certificate */

/* A line of an authorized_keys file. */
struct key_line {
	struct permit_at at;
	const char *type, *blob, *comment;	/* of the key; not options */
	int bits;		/* of an RSA key */
	const char *error;	/* why sshd skips the line; or NULL */
	const char *fatal;	/* why sshd 8.9 and later end each session */
	unsigned flags;
	const char *command, *from, *principals;
	const struct permit_entry *opens, *listens;
	size_t nopens, nlistens;
	int64_t expires;	/* seconds since 1970; 0: never */
	int tunnel;		/* unit of tunnel="n"; -1: of "any" */
};

/* 1: the line has a key; 0: it has none, and sshd ignores it; -1: ENOMEM. */
int	 key_line_parse(struct arena *a, const char *text, struct key_line *key);
/*
 * A line of an AuthorizedPrincipalsFile, "OPTIONS NAME": the options go to key,
 * which keeps its key.  The results are the same.
 */
int	 principal_line_parse(struct arena *a, const char *text,
	    struct key_line *key, const char **namep);

/* --- key_file.c -------------------------------------------------------------- */

struct account;

/* An authorized_keys file, as sshd finds it for a user. */
struct key_file {
	const char *path;
	int error;		/* an errno: it cannot be opened; or 0 */
	const char *refused;	/* why sshd does not use it; or NULL */
	const char *writable;	/* the account can change it: what of the
				   path it can write to; or NULL */
	char *text;		/* NUL-ended; with NUL bytes as blanks */
	int cut;		/* it is too long and was not read whole */
};

/*
 * Reads it as the user; strict is StrictModes.  -1: ENOMEM, or it could not be
 * tried, with errno.
 */
int	 key_file_read(struct arena *a, const struct account *account,
	    const char *path, int strict, struct key_file *file);
/* Another text file, as our own user; whoever owns it. */
int	 key_file_read_own(struct arena *a, const char *path,
	    struct key_file *file);
/* The files that a pattern names for the user. */
int	 key_file_names(struct arena *a, const struct account *account,
	    const char *pattern, const char ***namesp, size_t *np);

/* --- rulings.c -------------------------------------------------------------- */

/* An account, and what sshd finds out about it before and after the login. */
struct account {
	const char *name, *home, *shell;
	uid_t uid;
	const gid_t *gids;
	size_t ngids;
	const char *const *groups;	/* names of those that have one,
					   NULL-ended */
	const char *hash;	/* of its password; NULL: not known */
	enum tun_may password;	/* can it log in by one, if sshd asks for it? */
	int no_shell;		/* its shell is missing or not executable */
	int locked, expired;
	const char *chroot;	/* NULL: none */
	const char *chroot_bad;	/* why each session ends; or NULL */
	const char *unseen;	/* what of that could not be looked at; or
				   NULL */
};

/* cert.c: a certificate of the client; see cert-authority. */
struct permit_cert {
	const char *error;	/* why it lets nobody in; or NULL */
	const char *type, *signature;	/* of its key, and of the CA's */
	int bits;		/* of an RSA key */
	const char *command;	/* force-command */
	const char *from;	/* source-address */
	const char **principals;
	size_t nprincipals;
	uint64_t after, before;	/* seconds since 1970 */
	int forward, pty;
	const unsigned char *ca;	/* the key that has signed it */
	const unsigned char *key;	/* its own one, behind the type */
	size_t nca, nkey;
};

/* Reads "TYPE BASE64"; -1: EINVAL it is no certificate, or ENOMEM. */
int	 permit_cert_parse(struct arena *a, const char *text,
	    struct permit_cert *cert);
/* Has the key of this base64 text signed it?  -1: ENOMEM. */
int	 permit_cert_is_by(struct arena *a, const struct permit_cert *cert,
	    const char *blob);

/*
 * trusted_ca.c: the line of a TrustedUserCAKeys file with the key that has signed
 * the certificate.  1: found; 0: there is none; -1: it cannot be read, or ENOMEM.
 */
int	 trusted_ca_find(struct arena *a, const char *path,
	    const struct permit_cert *cert, struct key_line *ca);
/*
 * The first line of an AuthorizedPrincipalsFile that has a principal of the
 * certificate; its options go to ca.  1: found; 0: there is none; -1: ENOMEM.
 */
int	 trusted_ca_principal(struct arena *a, const struct key_file *file,
	    const struct permit_cert *cert, struct key_line *ca);

/* revoked.c: the keys of RevokedKeys, of all its files. */
struct revoked_keys {
	const char **blobs;
	size_t n;
	int all;	/* sshd cannot read a file, and takes no key */
	int unknown;	/* there may be more */
};

/* Adds those of a file; -1: ENOMEM. */
int	 revoked_keys_read(struct arena *a, const char *path,
	    struct revoked_keys *rv);
int	 revoked_keys_has(const struct revoked_keys *rv, const char *blob);
/* The key of the certificate; -1: ENOMEM. */
int	 revoked_keys_has_cert(struct arena *a, const struct revoked_keys *rv,
	    const struct permit_cert *cert);

/*
 * One way to log in: an account by a key, or by other means if key is NULL: a
 * password, or with doubt a key that was not seen.
 */
struct login {
	struct arena *a;
	const struct sshd_settings *s;
	const struct account *account;
	const struct key_line *key;
	const struct permit_cert *cert;	/* NULL: not known */
	int other_ca;			/* not the key has signed cert */
	int by_password;
	int revoked;
	const char *doubt;	/* what was not read and may decide; or NULL */
	struct permit_client client;
	int64_t now;		/* seconds since 1970 */
	int first_port;		/* that users other than root may have */
};

/*
 * accounts.c: -1 with ENOENT there is no such user, or with ENOMEM.  What depends
 * on the settings is filled in by the second one.
 */
int	 account_read(struct arena *a, const char *name, struct account *ac);
int	 account_apply(struct arena *a, const struct sshd_settings *s,
	    struct account *ac);
/*
 * Does the account's chroot have the path, or a way to find the address of the
 * host?  1, 0, or -1 with ENOMEM.
 */
int	 account_has_target(struct arena *a, const struct account *ac,
	    const struct tun_end *end);
/* Can it open the tunnel device of this unit, or make one if unit is -1? */
enum tun_may account_has_device(const struct account *ac, int unit);
/* A text with %h, %u, %U and %%; NULL: ENOMEM, or EINVAL another token. */
char	*account_expand(struct arena *a, const struct account *ac,
	    const char *text);
/*
 * "~" is the home of the user of sshd, which is ours, and "~NAME" that of NAME.
 * NULL: ENOMEM, or EINVAL there is no such user.
 */
const char *account_tilde(struct arena *a, const char *path);

/*
 * Why sshd goes on to the next line with this key, or NULL: the line decides, if
 * only that the login is refused.
 */
const char *judge_skipped(const struct login *l);
/* Each fills in *r; -1 with ENOMEM.  An end of NULL is any target. */
int	 judge_login(const struct login *l, struct tun_ruling *r);
int	 judge_open(const struct login *l, const struct tun_end *end,
	    struct tun_ruling *r);
int	 judge_listen(const struct login *l, const struct tun_end *end,
	    struct tun_ruling *r);
int	 judge_device(const struct login *l, const struct tun_end *end,
	    struct tun_ruling *r);
/* 1: no device is permitted, as *r says, although PermitTunnel permits it. */
int	 judge_device_out(const struct login *l, struct tun_ruling *r);
int	 judge_shell(const struct login *l, struct tun_ruling *r);
int	 judge_tty(const struct login *l, struct tun_ruling *r);

/* "any", "none", or what the lists leave, joined by commas; NULL: ENOMEM. */
const char *judge_open_text(const struct login *l);
const char *judge_listen_text(const struct login *l);

#endif

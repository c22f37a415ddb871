// SPDX-License-Identifier: GPL-3.0-or-later

#include "run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "browser.h"
#include "discover/discover.h"
#include "engine/engine.h"
#include "folder.h"
#include "guard/keeper.h"
#include "guard/privilege.h"
#include "guard/restore.h"
#include "guard/rundir.h"
#include "guard/say.h"
#include "guard/usable.h"
#include "message/message.h"
#include "upload/upload.h"
#include "web/hub.h"

/* Exit status for wrong use, as getopt-based programs have it. */
#define EXIT_USAGE 2

/* Tried in turn when no port was asked for. */
#define PORT_FIRST 8580
#define PORT_LAST  8589
/* Connections waiting to be accepted: a browser opens a handful. */
#define LISTEN_BACKLOG 64

struct options {
	const char *interface, *data_dir, *run_dir;
	uint64_t port; /* 0: not asked for */
	int listen_fd; /* -1: none passed in */
	uint64_t max_devices;
	bool service, no_browser;
	struct mac excluded[MESSAGE_EXCLUDE_MAX];
	size_t excluded_count;
};

/* All that keeper, engine and hub are started from, in every generation. */
struct agent {
	struct options options;
	struct privilege_user user;
	char data_dir[PATH_MAX];
	char page[256];
	struct hub_config hub;
	struct engine_config engine;
	struct keeper_config keeper;
};

static int fail(const char *format, ...) printf_like(1, 2);

/* One line, and the status to leave with. */
static int fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("iot-inspector: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return 1;
}

static const char run_help[] =
	"usage: iot-inspector [run] [OPTION]...\n"
	"\n"
	"Shows who the devices of this network talk to, in a page at 127.0.0.1.\n"
	"Nothing is sent to or read from the network before you agree there.\n"
	"\n"
	"  --interface IF     the network interface to use\n"
	"  --port N           where to serve the page (8580, or the next free)\n"
	"  --listen-fd FD     serve it on this listening socket\n"
	"  --data-dir DIR     where to keep what is found\n"
	"  --run-dir DIR      lock and undo record (" RUNDIR_DEFAULT ")\n"
	"  --exclude MAC      never touch this device; may be repeated\n"
	"  --max-devices N    watched and listed at once (50)\n"
	"  --service          go on when the last page is closed\n"
	"  --no-browser       do not open the page\n"
	"  --help             this\n"
	"\n"
	"Ctrl-C stops it and puts the network back as it was.\n";

enum option_id {
	OPTION_INTERFACE = 256,
	OPTION_PORT,
	OPTION_LISTEN_FD,
	OPTION_DATA_DIR,
	OPTION_RUN_DIR,
	OPTION_EXCLUDE,
	OPTION_MAX_DEVICES,
	OPTION_SERVICE,
	OPTION_NO_BROWSER,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "interface", required_argument, NULL, OPTION_INTERFACE },
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "listen-fd", required_argument, NULL, OPTION_LISTEN_FD },
	{ "data-dir", required_argument, NULL, OPTION_DATA_DIR },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "exclude", required_argument, NULL, OPTION_EXCLUDE },
	{ "max-devices", required_argument, NULL, OPTION_MAX_DEVICES },
	{ "service", no_argument, NULL, OPTION_SERVICE },
	{ "no-browser", no_argument, NULL, OPTION_NO_BROWSER },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static int option_number(const char *name, uint64_t least, uint64_t most,
			 uint64_t *out)
{
	if (!text_number(optarg, least, most, out))
		return 0;
	fail("%s must be a number from %llu to %llu, not \"%s\"", name,
	     (unsigned long long)least, (unsigned long long)most, optarg);
	return ERR_INVALID;
}

static int option_exclude(struct options *o)
{
	if (o->excluded_count == MESSAGE_EXCLUDE_MAX) {
		fail("at most %d devices can be excluded", MESSAGE_EXCLUDE_MAX);
		return ERR_LIMIT;
	}
	if (mac_parse(optarg, &o->excluded[o->excluded_count])) {
		fail("\"%s\" is not a MAC address like 00:11:22:33:44:55",
		     optarg);
		return ERR_INVALID;
	}
	o->excluded_count++;
	return 0;
}

static int option_interface(struct options *o)
{
	if (!optarg[0] || strlen(optarg) >= MESSAGE_NAME_MAX) {
		fail("there is no interface \"%s\"", optarg);
		return ERR_INVALID;
	}
	o->interface = optarg;
	return 0;
}

/* One option. ERR_INVALID when it was wrong, and said so. */
static int option_take(struct options *o, int id)
{
	uint64_t number;

	switch (id) {
	case OPTION_INTERFACE:
		return option_interface(o);
	case OPTION_PORT:
		return option_number("--port", 1, 65535, &o->port);
	case OPTION_LISTEN_FD:
		if (option_number("--listen-fd", 3, 1048576, &number))
			return ERR_INVALID;
		o->listen_fd = (int)number;
		return 0;
	case OPTION_DATA_DIR:
		o->data_dir = optarg;
		return 0;
	case OPTION_RUN_DIR:
		o->run_dir = optarg;
		return 0;
	case OPTION_EXCLUDE:
		return option_exclude(o);
	case OPTION_MAX_DEVICES:
		return option_number("--max-devices", 1, MESSAGE_WATCH_MAX,
				     &o->max_devices);
	case OPTION_SERVICE:
		o->service = true;
		return 0;
	case OPTION_NO_BROWSER:
		o->no_browser = true;
		return 0;
	default: /* getopt has said what is wrong */
		return ERR_INVALID;
	}
}

/* -1 to go on, else the status to leave with. */
static int options_read(int argc, char **argv, struct options *out)
{
	struct options o = { .listen_fd = -1,
			     .run_dir = RUNDIR_DEFAULT,
			     .max_devices = HUB_MAX_DEVICES_DEFAULT };
	char name[] = "iot-inspector";
	int id;

	argv[0] = name; /* as getopt's lines begin */
	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (id == OPTION_HELP) {
			fputs(run_help, stdout);
			return 0;
		}
		if (option_take(&o, id))
			return EXIT_USAGE;
	}
	if (optind < argc) {
		fail("\"%s\" is not an option", argv[optind]);
		return EXIT_USAGE;
	}
	if (o.port && o.listen_fd >= 0) {
		fail("--port and --listen-fd exclude each other");
		return EXIT_USAGE;
	}
	*out = o;
	return -1;
}

static int port_bind(uint16_t port, int *out)
{
	struct sockaddr_in local = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;

	if (fd < 0)
		return ERR_IO;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&local, sizeof(local)) ||
	    listen(fd, LISTEN_BACKLOG)) {
		int err = errno == EADDRINUSE ? ERR_BUSY : ERR_IO;

		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

/* The port of a listening TCP socket, or 0. */
static uint16_t listener_port(int fd)
{
	struct sockaddr_storage local = { 0 };
	socklen_t length = sizeof(local);
	int listening = 0;

	if (getsockname(fd, (struct sockaddr *)&local, &length))
		return 0;
	length = sizeof(listening);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) ||
	    !listening || local.ss_family != AF_INET)
		return 0;
	return ntohs(((struct sockaddr_in *)&local)->sin_port);
}

static int listener_open(const struct options *o, int *out, uint16_t *port)
{
	uint16_t first = o->port ? (uint16_t)o->port : PORT_FIRST;
	uint16_t last = o->port ? (uint16_t)o->port : PORT_LAST;
	int err = ERR_BUSY;

	if (o->listen_fd >= 0) {
		*port = listener_port(o->listen_fd);
		if (!*port)
			return fail("descriptor %d is not a listening IPv4 "
				    "socket",
				    o->listen_fd);
		*out = o->listen_fd;
		return 0;
	}
	for (*port = first; err == ERR_BUSY && *port <= last; ++*port)
		err = port_bind(*port, out);
	--*port;
	if (err == ERR_BUSY && first == last)
		return fail("port %u of 127.0.0.1 is taken by another program: "
			    "choose one with --port",
			    first);
	if (err == ERR_BUSY)
		return fail("ports %u to %u of 127.0.0.1 are taken: choose one "
			    "with --port",
			    first, last);
	if (err)
		return fail("could not listen on port %u of 127.0.0.1: %s",
			    *port, strerror(errno));
	return 0;
}

/* Where the user could not make it: root does, and gives it away. What is
 * there already stays as it is. */
static void give_data_dir(const struct agent *a)
{
	bool elsewhere = a->options.data_dir || !a->user.person;

	if (geteuid() == 0 && elsewhere && !mkdir(a->data_dir, 0700))
		(void)!lchown(a->data_dir, a->user.uid, a->user.gid);
}

static int engine_body(void *context, int keeper_fd, uint32_t restarts)
{
	struct agent *a = context;
	struct engine_config config = a->engine;

	/* who parses what comes from outside has no key to the page */
	explicit_bzero(&a->hub.secret, sizeof(a->hub.secret));
	explicit_bzero(a->page, sizeof(a->page));
	config.keeper_fd = keeper_fd;
	config.restarts = restarts;
	return engine_run(&config);
}

/* who speaks with what is outside has no key to the page either */
static int discover_body(void *context, int keeper_fd, uint32_t restarts)
{
	struct discover_config config = { .keeper_fd = keeper_fd };
	struct agent *a = context;

	(void)restarts;
	explicit_bzero(&a->hub.secret, sizeof(a->hub.secret));
	explicit_bzero(a->page, sizeof(a->page));
	return discover_run(&config);
}

/* nor who carries letters out of the home */
static int upload_body(void *context, int keeper_fd, uint32_t restarts)
{
	struct upload_config config = { .keeper_fd = keeper_fd };
	struct agent *a = context;

	(void)restarts;
	explicit_bzero(&a->hub.secret, sizeof(a->hub.secret));
	explicit_bzero(a->page, sizeof(a->page));
	return upload_run(&config);
}

static int hub_body(void *context, int keeper_fd, uint32_t restarts)
{
	struct hub_config config = ((struct agent *)context)->hub;

	config.keeper_fd = keeper_fd;
	config.restarts = restarts;
	return hub_run(&config);
}

static int secrets_make(struct agent *a, uint16_t port)
{
	char token[SESSION_TEXT_BYTES];

	if (session_secret_make(&a->hub.secret) ||
	    session_token_make(&a->hub.secret, token) ||
	    getrandom(&a->engine.seed, sizeof(a->engine.seed), 0) !=
		    sizeof(a->engine.seed))
		return fail("the system gives no random numbers");
	snprintf(a->page, sizeof(a->page), "http://127.0.0.1:%u/start?token=%s",
		 port, token);
	explicit_bzero(token, sizeof(token));
	return 0;
}

static void configure(struct agent *a)
{
	const struct options *o = &a->options;

	a->hub.listen_fd = a->keeper.listener;
	a->hub.data_dir = a->data_dir;
	a->hub.service = o->service;
	a->hub.max_devices = (size_t)o->max_devices;
	a->hub.interface = o->interface;
	a->hub.excluded = o->excluded;
	a->hub.excluded_count = o->excluded_count;
	a->keeper.page = a->page;
	a->keeper.engine = (struct keeper_body){ engine_body, a };
	a->keeper.hub = (struct keeper_body){ hub_body, a };
	a->keeper.discover = (struct keeper_body){ discover_body, a };
	a->keeper.upload = (struct keeper_body){ upload_body, a };
	a->keeper.guard = (struct guard_config){
		.run_dir = a->keeper.run_dir,
		.interface = o->interface,
		.excluded = o->excluded,
		.excluded_count = o->excluded_count,
		.max_devices = (size_t)o->max_devices,
	};
}

/* What has to be done as root. */
static int prepare(struct agent *a)
{
	struct keeper_config *k = &a->keeper;
	char line[MESSAGE_TEXT_MAX];
	uint16_t port;
	int err;

	if (!privilege_is_enough())
		return fail("this needs root, or the capabilities CAP_NET_RAW "
			    "and CAP_NET_ADMIN: start it with sudo");
	err = usable_check(a->options.interface, line);
	if (err)
		return fail("%s", line);
	if (line[0])
		(void)fail("%s", line);
	if (privilege_find_user(&a->user))
		return fail("there is no ordinary user to run as: start it "
			    "with sudo, or add a system user \"%s\"",
			    PRIVILEGE_SYSTEM_USER);
	/* passed in without it, and not for the browser */
	if (a->options.listen_fd >= 0 &&
	    fcntl(a->options.listen_fd, F_SETFD, FD_CLOEXEC))
		return fail("descriptor %d is not open", a->options.listen_fd);
	k->browser = -1;
	if (!a->options.no_browser && browser_prepare(&a->user, &k->browser))
		k->browser = -1; /* the address is printed in any case */
	err = rundir_open(a->options.run_dir, &a->user, &k->run_dir);
	if (err == ERR_BUSY)
		return fail("another instance is running (see iot-inspector "
			    "status)");
	if (err)
		return fail("could not use the directory \"%s\": %s",
			    a->options.run_dir, strerror(errno));
	folder_choose(a->options.data_dir, &a->user, a->data_dir);
	give_data_dir(a);
	if (privilege_drop(&a->user))
		return fail("could not become the user \"%s\"", a->user.name);
	err = rundir_lock(k->run_dir, &k->lock);
	if (err == ERR_BUSY)
		return fail("another instance is running (see iot-inspector "
			    "status)");
	if (err)
		return fail("could not lock \"%s/lock\": %s",
			    a->options.run_dir, strerror(errno));
	if (listener_open(&a->options, &k->listener, &port))
		return 1;
	folder_make_parents(a->data_dir);
	return secrets_make(a, port);
}

/* Started by root itself, or as a service. */
static void say_user(const struct privilege_user *user)
{
	if (!strcmp(user->name, PRIVILEGE_SYSTEM_USER))
		say("running as the user \"%s\"", user->name);
	else
		say("running as the user \"%s\", as other programs may: start "
		    "it with sudo, or add a system user \"%s\"",
		    user->name, PRIVILEGE_SYSTEM_USER);
}

int run_command(int argc, char **argv)
{
	static struct agent agent;
	int status = options_read(argc, argv, &agent.options);

	if (status >= 0)
		return status;
	if (prepare(&agent))
		return 1;
	configure(&agent);
	if (!agent.user.person)
		say_user(&agent.user);
	status = keeper_run(&agent.keeper);
	fflush(NULL);
	/* not through exit(): what looks for leaks there may not look into a
	 * process that gave up its privileges */
	_exit(status);
}

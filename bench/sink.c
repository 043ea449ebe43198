/* An SMTP server that takes every letter and keeps none, so that a client's own speed shows.
 *
 * One thread, epoll, PIPELINING, and CHUNKING unless called with "plain". Listens on a free port of 127.0.0.1 and says
 * which. For the bench only: it trusts whoever connects. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { ROOM = 1 << 18, REPLIES = 1 << 14 };
enum state { COMMAND, BODY, CHUNK };

struct client {
    int fd, over;              /* over: QUIT was said */
    enum state state;
    size_t have, left, said;   /* bytes read and not yet used; bytes to come of a chunk; bytes of replies to write */
    char in[ROOM], out[REPLIES];
};

static const char *offer = "250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250 CHUNKING\r\n";

static void say(struct client *c, const char *reply) {
    size_t length = strlen(reply);
    if (c->said + length <= REPLIES) {
        memcpy(c->out + c->said, reply, length);
        c->said += length;
    }
}

/* Answer one command line; returns how many of its bytes are used up. */
static size_t command(struct client *c, const char *line, size_t length) {
    if (!strncasecmp(line, "EHLO", 4)) say(c, offer);
    else if (!strncasecmp(line, "DATA", 4)) {
        say(c, "354 go ahead\r\n");
        c->state = BODY;
        return length - 2;     /* its CRLF may be the one before a lone dot */
    } else if (!strncasecmp(line, "BDAT ", 5)) {
        c->left = strtoul(line + 5, NULL, 10);
        c->state = CHUNK;
    } else if (!strncasecmp(line, "QUIT", 4)) {
        say(c, "221 bye\r\n");
        c->over = 1;
    } else say(c, "250 ok\r\n");
    return length;
}

/* Use up what can be used of `length` bytes at `at`; 0 when more must come first. */
static size_t step(struct client *c, char *at, size_t length) {
    if (c->state == CHUNK) {
        size_t taken = c->left < length ? c->left : length;
        if (c->left -= taken) return taken;
        c->state = COMMAND;
        say(c, "250 ok\r\n");
        return taken ? taken : step(c, at, length);
    }
    if (c->state == BODY) {
        char *dot = memmem(at, length, "\r\n.\r\n", 5);
        if (!dot) return length > 4 ? length - 4 : 0;
        c->state = COMMAND;
        say(c, "250 ok\r\n");
        return (size_t)(dot - at) + 5;
    }
    char *end = memchr(at, '\n', length);
    return end ? command(c, at, (size_t)(end - at) + 1) : 0;
}

/* Read once, answer all of it with one write; 0 when this client is done. */
static int serve(struct client *c) {
    ssize_t got = read(c->fd, c->in + c->have, ROOM - c->have);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    size_t at = 0, used;
    c->have += (size_t)got;
    while (at < c->have && (used = step(c, c->in + at, c->have - at))) at += used;
    memmove(c->in, c->in + at, c->have -= at);
    if (c->said && write(c->fd, c->out, c->said) != (ssize_t)c->said) return 0;
    c->said = 0;
    return !c->over && c->have < ROOM;
}

static void welcome(int door, int poll) {
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int yes = 1;
    c->fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event);
    if (write(c->fd, "220 sink\r\n", 10) != 10) perror("sink");
}

static int listening(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(door, (struct sockaddr *)&here, size) || listen(door, 128)) exit((perror("sink"), 1));
    getsockname(door, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return door;
}

int main(int count, char **words) {
    int door = listening(), poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, happened[64];
    if (count > 1 && !strcmp(words[1], "plain")) offer = "250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n";
    epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
    for (;;) {
        int n = epoll_wait(poll, happened, 64, -1);
        for (int i = 0; i < n; i++) {
            struct client *c = happened[i].data.ptr;
            if (!c) welcome(door, poll);
            else if (!serve(c)) { close(c->fd); free(c); }
        }
    }
}

/* A line that is long: what goes in at one end comes out at the other after half the round trip, exact to well under 1 ms.
 *
 * `delay MILLISECONDS PORT` listens on a free port of 127.0.0.1, says which, and passes every connection on to PORT.
 * It adds time and nothing else: no loss, no limit of bandwidth, no slow start. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 128, PIECE = 1 << 16, UNDER_WAY = 1 << 24 };

struct piece { struct piece *next; long long due; size_t length, sent; char bytes[]; };
struct way { int from, to, ended; size_t under_way; struct piece *first, *last; };   /* one direction of one line */

static struct way ways[2 * LINES];
static int used;

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void take(struct way *w, long long delay) {
    struct piece *p = malloc(sizeof *p + PIECE);
    ssize_t got = read(w->from, p->bytes, PIECE);
    *p = (struct piece){.due = now() + delay, .length = got > 0 ? (size_t)got : 0};
    w->ended = got <= 0;
    w->under_way += p->length;
    if (w->first) w->last->next = p; else w->first = p;
    w->last = p;
}

/* Deliver what is due. A piece without bytes is the end of this direction. */
static void give(struct way *w) {
    struct piece *p;
    while ((p = w->first) && p->due <= now()) {
        if (!p->length) shutdown(w->to, SHUT_WR);
        else {
            ssize_t sent = send(w->to, p->bytes + p->sent, p->length - p->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent >= 0 && (p->sent += (size_t)sent) < p->length) return;
            if (sent < 0 && errno == EAGAIN) { p->due += 200000; return; }   /* the other end is full: again in 0.2 ms */
        }
        w->under_way -= p->length;
        w->first = p->next;
        free(p);
    }
}

static int dial(int port) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int line = socket(AF_INET, SOCK_STREAM, 0);
    if (port ? connect(line, (struct sockaddr *)&there, sizeof there)
             : bind(line, (struct sockaddr *)&there, sizeof there) || listen(line, LINES)) exit((perror("delay"), 1));
    return line;
}

static void join(int near, int far) {
    int yes = 1;
    setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ways[used++] = (struct way){.from = near, .to = far};
    ways[used++] = (struct way){.from = far, .to = near};
}

/* Lines whose both directions have ended make room. */
static void tidy(void) {
    for (int i = 0; i < used; i += 2)
        if (ways[i].ended && ways[i + 1].ended && !ways[i].first && !ways[i + 1].first) {
            close(ways[i].from), close(ways[i].to);
            memmove(ways + i, ways + (used -= 2), 2 * sizeof *ways);
            i -= 2;
        }
}

int main(int count, char **words) {
    struct sockaddr_in here;
    socklen_t size = sizeof here;
    struct pollfd watched[2 * LINES + 1];
    if (count != 3) exit((fputs("delay MILLISECONDS PORT\n", stderr), 2));
    long long delay = (long long)(atof(words[1]) * 1e6 / 2), soon, due;
    int door = dial(0);
    getsockname(door, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        soon = now() + 1000000000LL;
        for (int i = 0; i < used; i++) {
            int full = ways[i].ended || ways[i].under_way > UNDER_WAY;
            watched[i] = (struct pollfd){.fd = full ? -1 : ways[i].from, .events = POLLIN};
            if (ways[i].first && ways[i].first->due < soon) soon = ways[i].first->due;
        }
        watched[used] = (struct pollfd){.fd = used < 2 * LINES ? door : -1, .events = POLLIN};
        due = soon - now();
        struct timespec patience = {due > 0 ? due / 1000000000LL : 0, due > 0 ? due % 1000000000LL : 0};
        int lines = used, ready = ppoll(watched, (nfds_t)used + 1, &patience, NULL);
        for (int i = 0; i < lines; i++) {
            if (ready > 0 && watched[i].revents) take(&ways[i], delay);
            give(&ways[i]);
        }
        if (ready > 0 && watched[lines].revents) join(accept(door, NULL, NULL), dial(atoi(words[2])));
        tidy();
    }
}

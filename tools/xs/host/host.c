/*
 * Runs a Moddable simulator application (mc.so) without the simulator: no window, no display. It stands in for the
 * screen, which is how such an application meets its computer (build/simulators/modules/screen.h in the SDK).
 *
 *   host <path of mc.so>
 *
 * The application speaks by screen.postMessage(text):
 *   "!status"  end with this status
 *   "?text"    remember what is running, to be named if the engine aborts
 *   any other  print it as a line (a panel's JSON, the lines of a test)
 * Lines of the standard input reach the application's screen.onMessage(text), as a panel's messages would.
 * With $HOST_STACK in the environment, "# native stack N" on stderr whenever application and loop have reached N bytes
 * deep, deeper than before.
 * An abort of the engine (unhandled exception, memory full, stack overflow, stripped built-in) ends with 70.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../../tests/tls/painted-stack.h"
#include "screen.h"

enum { abortStatus = 70, usageStatus = 64, width = 16, height = 16 };

static GMainLoop *loop;
static int status = -1; /* not ended yet */
static char running[256];
static guint idleTimer;
static const char *(*abortText)(int);

static void finish(int value)
{
	if (status < 0)
		status = value;
	g_main_loop_quit(loop);
}

static void onAbort(txScreen *screen, int reason)
{
	(void)screen;
	fflush(stdout);
	fprintf(stderr, "XS aborted (%s) while running: %s\n", abortText ? abortText(reason) : "?", running);
	finish(abortStatus);
}

static void onPost(txScreen *screen, char *text, int size)
{
	(void)screen;
	if (size)
		return;
	if (text[0] == '!')
		finish(atoi(text + 1));
	else if (text[0] == '?')
		snprintf(running, sizeof running, "%s", text + 1);
	else {
		puts(text);
		fflush(stdout);
	}
}

static gboolean onLine(GIOChannel *channel, GIOCondition condition, gpointer data)
{
	txScreen *screen = data;
	gchar *line = NULL;
	gsize end = 0;
	(void)condition;
	if (g_io_channel_read_line(channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL)
		return G_SOURCE_REMOVE;
	line[end] = 0;
	if (screen->invoke)
		screen->invoke(screen, line, 0);
	g_free(line);
	return G_SOURCE_CONTINUE;
}

static gboolean onIdle(gpointer data)
{
	txScreen *screen = data;
	if (screen->idle)
		screen->idle(screen);
	return G_SOURCE_CONTINUE;
}

static void onStart(txScreen *screen, double interval)
{
	if (!idleTimer)
		idleTimer = g_timeout_add((guint)interval, onIdle, screen);
}

static void onStop(txScreen *screen)
{
	(void)screen;
	if (idleTimer)
		g_source_remove(idleTimer);
	idleTimer = 0;
}

static gboolean onStackCheck(gpointer top)
{
	static size_t deepest;
	size_t depth = depth_below((uintptr_t)top);
	if (depth > deepest)
		fprintf(stderr, "# native stack %zu\n", deepest = depth);
	return G_SOURCE_CONTINUE;
}

static void onChange(txScreen *screen)
{
	(void)screen;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s mc.so\n", argv[0]);
		return usageStatus;
	}
	void *library = dlopen(argv[1], RTLD_NOW);
	txScreenLaunchProc launch = library ? (txScreenLaunchProc)dlsym(library, "fxScreenLaunch") : NULL;
	if (!launch) {
		fprintf(stderr, "%s\n", dlerror());
		return usageStatus;
	}
	abortText = (const char *(*)(int))dlsym(library, "fxAbortString");
	/* The SDK's sockets write without MSG_NOSIGNAL: a peer that has gone must not end this process. */
	signal(SIGPIPE, SIG_IGN);

	txScreen *screen = calloc(1, sizeof *screen + width * height * screenBytesPerPixel);
	mxCreateMutex(&screen->workersMutex);
	screen->width = width;
	screen->height = height;
	screen->abort = onAbort;
	screen->bufferChanged = onChange;
	screen->formatChanged = onChange;
	screen->post = onPost;
	screen->start = onStart;
	screen->stop = onStop;
	loop = g_main_loop_new(NULL, FALSE);
	GIOChannel *input = g_io_channel_unix_new(0);
	g_io_add_watch(input, G_IO_IN | G_IO_HUP, onLine, screen);
	launch(screen); /* may end the run before there is a loop to quit */
	if (getenv("HOST_STACK")) {
		paint();
		g_timeout_add(200, onStackCheck, __builtin_frame_address(0));
	}
	if (status < 0)
		g_main_loop_run(loop);
	return status;
}

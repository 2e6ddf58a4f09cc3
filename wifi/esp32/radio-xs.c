/* radio.h as a host object of XS (driver.js). Events cross from ESP-IDF's event task to the machine as messages. */
#include "mc.xs.h"
#include "radio.h"
#include "xsHost.h"
#include "xsmc.h"

#include <stdatomic.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

/* "aa:bb:cc:dd:ee:ff" and its NUL. */
#define MAC_TEXT_SIZE 18

static const char *const EVENT_NAMES[] = {"associated", "disconnected", "address", "address-lost", "scanned", "phones"};

/* One a chip. `machine` is not NULL while it is open; the event task reads it, and nothing else of this. */
static struct {
    _Atomic(xsMachine *) machine;
    xsSlot on_event;
} radio;

static void format_mac(char *text, const uint8_t *mac) {
    snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void deliver(void *machine, void *refcon, uint8_t *message, uint16_t length) {
    const radio_event *event = (const radio_event *)message;
    char bssid[MAC_TEXT_SIZE];

    (void)refcon;
    if (!radio.machine || length != sizeof *event)
        return;
    format_mac(bssid, event->bssid);
    xsBeginHost(machine);
    {
        xsmcVars(5);
        xsmcSetString(xsVar(0), (char *)EVENT_NAMES[event->kind]);
        xsmcSetInteger(xsVar(1), event->attempt);
        xsmcSetInteger(xsVar(2), event->number);
        xsmcSetInteger(xsVar(3), event->rssi);
        xsmcSetString(xsVar(4), bssid);
        xsCallFunction5(radio.on_event, xsGlobal, xsVar(0), xsVar(1), xsVar(2), xsVar(3), xsVar(4));
    }
    xsEndHost(machine);
}

/*
 * On the event task: the machine's queue takes a copy, for which there may be no memory. An event that was lost would
 * leave the station waiting: this task, which has nothing else to do, tries until it is there.
 */
static void post(const radio_event *event) {
    for (xsMachine *machine; (machine = radio.machine) != NULL; vTaskDelay(pdMS_TO_TICKS(20) + 1))
        if (modMessagePostToMachine(machine, (uint8_t *)event, sizeof *event, deliver, NULL) == 0)
            return;
}

/* Text argument `index`, at most `size` bytes without its NUL; returns its length. */
static size_t text_argument(xsMachine *the, int index, void *bytes, size_t size, char *name) {
    const char *text = xsmcToString(xsArg(index));
    size_t length = c_strlen(text);

    if (length > size)
        xsRangeError("%s", name);
    c_memcpy(bytes, text, length);
    return length;
}

static uint8_t channel_argument(xsMachine *the, int index) {
    xsIntegerValue channel = xsmcToInteger(xsArg(index));

    if (channel < 0 || channel > 13)
        xsRangeError("channel");
    return (uint8_t)channel;
}

static uint8_t least_argument(xsMachine *the, int index) {
    xsIntegerValue least = xsmcToInteger(xsArg(index));

    if (least < 1 || least > 4)
        xsRangeError("least");
    return (uint8_t)least;
}

/* Arguments 0 and 1: SSID, password or "". */
static void network_arguments(xsMachine *the, radio_network *network) {
    network->ssid_length = text_argument(the, 0, network->ssid, sizeof network->ssid, "ssid");
    text_argument(the, 1, network->password, sizeof network->password, "password");
}

static void check_open(xsMachine *the) {
    if (!radio.machine)
        xsUnknownError("closed");
}

/* For the garbage collector; the driver outlives its object. */
void xs_radio_destructor(void *data) {
    (void)data;
}

/* (hostname, onEvent) */
void xs_radio(xsMachine *the) {
    char hostname[RADIO_HOSTNAME_MAX + 1] = {0};
    int error;

    if (radio.machine)
        xsUnknownError("open");
    text_argument(the, 0, hostname, sizeof hostname - 1, "hostname");
    radio.on_event = xsArg(1);
    xsRemember(radio.on_event);
    radio.machine = the;
    error = radio_open(post, hostname);
    if (error) {
        radio.machine = NULL;
        xsForget(radio.on_event);
        xsUnknownError("Wi-Fi does not start: %d", error);
    }
}

void xs_radio_close(xsMachine *the) {
    if (!radio.machine)
        return;
    radio_close();
    radio.machine = NULL;
    xsForget(radio.on_event);
}

void xs_radio_mac(xsMachine *the) {
    uint8_t mac[RADIO_MAC_LENGTH] = {0};
    char text[MAC_TEXT_SIZE];

    radio_mac(mac);
    format_mac(text, mac);
    xsmcSetString(xsResult, text);
}

/* (ssid, password or "", BSSID bytes or undefined, channel or 0, least security) */
void xs_radio_connect(xsMachine *the) {
    radio_network network = {0};
    void *bssid;
    xsUnsignedValue length;

    check_open(the);
    network_arguments(the, &network);
    if (xsmcTest(xsArg(2))) {
        xsmcGetBufferReadable(xsArg(2), &bssid, &length);
        if (length != sizeof network.bssid)
            xsRangeError("bssid");
        c_memcpy(network.bssid, bssid, sizeof network.bssid);
        network.one_bssid = true;
    }
    network.channel = channel_argument(the, 3);
    network.least = least_argument(the, 4);
    xsmcSetInteger(xsResult, radio_connect(&network));
}

void xs_radio_disconnect(xsMachine *the) {
    check_open(the);
    radio_disconnect();
}

void xs_radio_lease(xsMachine *the) {
    char addresses[RADIO_LEASE_ADDRESSES][RADIO_ADDRESS_SIZE];

    check_open(the);
    if (!radio_lease(addresses))
        return;
    xsmcVars(1);
    xsmcSetNewArray(xsResult, RADIO_LEASE_ADDRESSES);
    for (int i = 0; i < RADIO_LEASE_ADDRESSES; i++) {
        xsmcSetString(xsVar(0), addresses[i]);
        xsmcSetIndex(xsResult, i, xsVar(0));
    }
}

void xs_radio_rssi(xsMachine *the) {
    check_open(the);
    xsmcSetInteger(xsResult, radio_rssi());
}

/* (ssid or "", channel or 0) */
void xs_radio_scan(xsMachine *the) {
    uint8_t ssid[RADIO_SSID_MAX];
    size_t length;

    check_open(the);
    length = text_argument(the, 0, ssid, sizeof ssid, "ssid");
    xsmcSetBoolean(xsResult, radio_scan(ssid, length, channel_argument(the, 1)));
}

void xs_radio_next_found(xsMachine *the) {
    radio_found found;

    check_open(the);
    if (radio_next_found(&found))
        xsmcSetArrayBuffer(xsResult, &found, sizeof found);
}

void xs_radio_forget_found(xsMachine *the) {
    check_open(the);
    radio_forget_found();
}

/* (ssid, password or "", channel, address) */
void xs_radio_open_access_point(xsMachine *the) {
    radio_network network = {0};
    char address[RADIO_ADDRESS_SIZE] = {0};

    check_open(the);
    network_arguments(the, &network);
    network.channel = channel_argument(the, 2);
    text_argument(the, 3, address, sizeof address - 1, "address");
    xsmcSetBoolean(xsResult, radio_open_access_point(&network, address));
}

void xs_radio_close_access_point(xsMachine *the) {
    check_open(the);
    radio_close_access_point();
}

void xs_radio_phones(xsMachine *the) {
    check_open(the);
    xsmcSetInteger(xsResult, radio_phones());
}

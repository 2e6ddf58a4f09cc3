/*
 * The Wi-Fi driver of ESP-IDF 6.0 as one station and one access point: what wifi/radio.ts and
 * wifi/access-point.ts need of it, without XS. One a chip. Every function returns at once, but
 * radio_open, which starts the driver. Binding to XS: radio-xs.c.
 */
#ifndef AEROLINK_RADIO_H
#define AEROLINK_RADIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RADIO_SSID_MAX 32
#define RADIO_MAC_LENGTH 6
#define RADIO_HOSTNAME_MAX 32
/* "255.255.255.255" and its NUL. */
#define RADIO_ADDRESS_SIZE 16
/* Of a lease, as radio_lease gives them: own address, router, name servers. */
#define RADIO_LEASE_ADDRESSES 4
/* Phones on the access point, at most. */
#define RADIO_PHONES 4

/* The order is that of EVENT_NAMES in radio-xs.c. */
typedef enum {
    RADIO_ASSOCIATED,   /* number: channel */
    RADIO_DISCONNECTED, /* number: wifi_err_reason_t */
    RADIO_ADDRESS,      /* got or renewed: see radio_lease */
    RADIO_ADDRESS_LOST,
    RADIO_SCANNED, /* see radio_next_found */
    RADIO_PHONES_CHANGED,
} radio_event_kind;

typedef struct {
    uint8_t kind;
    uint8_t number;
    /* dBm, of a disconnection; 0 where the driver does not know. */
    int8_t rssi;
    uint8_t bssid[RADIO_MAC_LENGTH];
    /* What radio_connect returned last when this happened: tells late events from those of the attempt. */
    uint16_t attempt;
} radio_event;

/* Called on the event task of ESP-IDF. */
typedef void (*radio_listener)(const radio_event *event);

/* One access point of a scan, as bytes in the order of wifi/esp32/found.ts. */
typedef struct __attribute__((packed)) {
    uint8_t ssid_length;
    uint8_t ssid[RADIO_SSID_MAX];
    uint8_t bssid[RADIO_MAC_LENGTH];
    uint8_t channel;
    int8_t rssi;
    uint8_t authmode; /* wifi_auth_mode_t */
} radio_found;

typedef struct {
    uint8_t ssid[RADIO_SSID_MAX];
    size_t ssid_length;
    /* A passphrase, or 64 hexadecimal digits without a NUL; empty: open. */
    char password[64];
    uint8_t least; /* that is joined, with a password: 1 WEP, 2 WPA, 3 WPA2, 4 WPA3 */
    bool one_bssid;
    uint8_t bssid[RADIO_MAC_LENGTH];
    uint8_t channel; /* 0: all */
} radio_network;

/* Address of the station, whether or not the radio is open. */
void radio_mac(uint8_t mac[RADIO_MAC_LENGTH]);

/* Starts the driver in station mode. `hostname` is what DHCP servers are told. Returns an esp_err_t, 0 when well. */
int radio_open(radio_listener listener, const char *hostname);
/* Events end. The driver stays on: ESP-IDF's stack does not come back from being taken down. */
void radio_close(void);

/* The number of the attempt, or 0: the driver refused, nothing follows. */
uint16_t radio_connect(const radio_network *network);
void radio_disconnect(void);

/* Writes RADIO_LEASE_ADDRESSES addresses in dotted form, "" where there is none. False: no address. */
bool radio_lease(char addresses[RADIO_LEASE_ADDRESSES][RADIO_ADDRESS_SIZE]);

/* Of the access point that the station is on, dBm; 0 where there is none. */
int radio_rssi(void);

/* `ssid` of length 0 and channel 0: all of them. False: the driver refused, nothing follows. */
bool radio_scan(const uint8_t *ssid, size_t ssid_length, uint8_t channel);
/* The next access point of the last scan, strongest first; false after the last. */
bool radio_next_found(radio_found *found);
void radio_forget_found(void);

/* `address` is a.b.c.1 of the /24 that the phones get. False: the driver or the stack refused. */
bool radio_open_access_point(const radio_network *network, const char *address);
void radio_close_access_point(void);
int radio_phones(void);

#endif

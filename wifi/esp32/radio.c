/* The Wi-Fi driver of ESP-IDF 6.0 (radio.h). */
#include "radio.h"

#include <stdatomic.h>
#include <string.h>

#include "esp_event.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "esp_netif_net_stack.h"
#include "esp_wifi.h"
#include "station-guard.h"

/* TU between beacons: ESP-IDF's default and every phone's expectation. */
#define BEACON_INTERVAL 100

/* Set on the machine's task, read on the event task. */
static _Atomic(radio_listener) listener;
static esp_netif_t *station;
static esp_netif_t *access_point;
static _Atomic uint16_t attempt;
static char hostname[RADIO_HOSTNAME_MAX + 1];

/* The numbers that wifi/esp32/found.ts knows by. */
_Static_assert(WIFI_AUTH_OPEN == 0 && WIFI_AUTH_WEP == 1 && WIFI_AUTH_WPA_PSK == 2 && WIFI_AUTH_WPA2_PSK == 3, "");
_Static_assert(WIFI_AUTH_WPA_WPA2_PSK == 4 && WIFI_AUTH_WPA2_ENTERPRISE == 5 && WIFI_AUTH_WPA3_PSK == 6, "");
_Static_assert(WIFI_AUTH_WPA2_WPA3_PSK == 7 && WIFI_AUTH_WAPI_PSK == 8 && WIFI_AUTH_OWE == 9, "");
_Static_assert(WIFI_AUTH_WPA3_ENT_192 == 10 && WIFI_AUTH_WPA3_ENTERPRISE == 14, "");
_Static_assert(WIFI_AUTH_WPA2_WPA3_ENTERPRISE == 15 && WIFI_AUTH_WPA_ENTERPRISE == 16, "");

static void tell(radio_event event) {
    radio_listener to = listener;

    event.attempt = attempt;
    if (to)
        to(&event);
}

static void take_wifi_event(void *context, esp_event_base_t base, int32_t id, void *data) {
    radio_event event = {0};

    (void)context;
    (void)base;
    switch (id) {
        case WIFI_EVENT_STA_START:
            /* ESP-IDF's own handler has come first: the interface is in lwIP, and comes up when it is associated. */
            station_guard(esp_netif_get_netif_impl(station));
            /* Without the name all else works. */
            esp_netif_set_hostname(station, hostname);
            return;
        case WIFI_EVENT_STA_CONNECTED: {
            const wifi_event_sta_connected_t *connected = data;
            event.kind = RADIO_ASSOCIATED;
            event.number = connected->channel;
            memcpy(event.bssid, connected->bssid, sizeof event.bssid);
            break;
        }
        case WIFI_EVENT_STA_DISCONNECTED: {
            const wifi_event_sta_disconnected_t *disconnected = data;
            event.kind = RADIO_DISCONNECTED;
            event.number = disconnected->reason;
            event.rssi = disconnected->rssi;
            memcpy(event.bssid, disconnected->bssid, sizeof event.bssid);
            break;
        }
        case WIFI_EVENT_SCAN_DONE:
            event.kind = RADIO_SCANNED;
            break;
        case WIFI_EVENT_AP_STACONNECTED:
        case WIFI_EVENT_AP_STADISCONNECTED:
            event.kind = RADIO_PHONES_CHANGED;
            break;
        default:
            return;
    }
    tell(event);
}

static void take_ip_event(void *context, esp_event_base_t base, int32_t id, void *data) {
    (void)context;
    (void)base;
    (void)data;
    if (id == IP_EVENT_STA_GOT_IP)
        tell((radio_event){.kind = RADIO_ADDRESS});
    else if (id == IP_EVENT_STA_LOST_IP)
        tell((radio_event){.kind = RADIO_ADDRESS_LOST});
}

void radio_mac(uint8_t mac[RADIO_MAC_LENGTH]) {
    esp_read_mac(mac, ESP_MAC_WIFI_STA);
}

/*
 * Both interfaces are made before the driver starts, as ESP-IDF's examples do: the events of its start find them.
 * Settings stay in RAM: what NVS kept from another firmware would connect by itself.
 */
static esp_err_t start_driver(void) {
    wifi_init_config_t config = WIFI_INIT_CONFIG_DEFAULT();
    esp_err_t error = esp_netif_init();

    if (error != ESP_OK)
        return error;
    error = esp_event_loop_create_default();
    /* INVALID_STATE: there is one already. */
    if (error != ESP_OK && error != ESP_ERR_INVALID_STATE)
        return error;
    station = esp_netif_create_default_wifi_sta();
    access_point = esp_netif_create_default_wifi_ap();
    if (!station || !access_point)
        return ESP_ERR_NO_MEM;
    config.nvs_enable = 0;
    if ((error = esp_wifi_init(&config)) != ESP_OK || (error = esp_wifi_set_storage(WIFI_STORAGE_RAM)) != ESP_OK ||
        (error = esp_wifi_set_mode(WIFI_MODE_STA)) != ESP_OK)
        return error;
    if ((error = esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, take_wifi_event, NULL)) != ESP_OK ||
        (error = esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, take_ip_event, NULL)) != ESP_OK)
        return error;
    return esp_wifi_start();
}

int radio_open(radio_listener to, const char *name) {
    strlcpy(hostname, name, sizeof hostname);
    listener = to;
    return station ? ESP_OK : start_driver();
}

void radio_close(void) {
    listener = NULL;
    radio_close_access_point();
    esp_wifi_disconnect();
}

/*
 * With a password of eight characters and no threshold ESP-IDF would refuse WEP and WPA (WIFI_REASON 211), which is
 * what a person gets who did not choose otherwise. Protected management frames wherever the other side has them.
 */
static const wifi_auth_mode_t LEAST[] = {WIFI_AUTH_OPEN, WIFI_AUTH_WEP, WIFI_AUTH_WPA_PSK, WIFI_AUTH_WPA2_PSK, WIFI_AUTH_WPA3_PSK};

static void describe(wifi_sta_config_t *sta, const radio_network *network) {
    memcpy(sta->ssid, network->ssid, network->ssid_length);
    memcpy(sta->password, network->password, sizeof sta->password);
    sta->scan_method = network->channel ? WIFI_FAST_SCAN : WIFI_ALL_CHANNEL_SCAN;
    sta->sort_method = WIFI_CONNECT_AP_BY_SIGNAL;
    sta->channel = network->channel;
    sta->bssid_set = network->one_bssid;
    memcpy(sta->bssid, network->bssid, sizeof sta->bssid);
    if (network->password[0] != '\0')
        sta->threshold.authmode = LEAST[network->least];
    sta->threshold.rssi = -127;
    sta->pmf_cfg.capable = true;
    sta->sae_pwe_h2e = WPA3_SAE_PWE_BOTH;
}

uint16_t radio_connect(const radio_network *network) {
    wifi_config_t config = {0};

    describe(&config.sta, network);
    /* Refused with ESP_ERR_WIFI_STATE while the driver still connects. */
    if (esp_wifi_set_config(WIFI_IF_STA, &config) != ESP_OK)
        return 0;
    if (++attempt == 0)
        attempt = 1;
    return esp_wifi_connect() == ESP_OK ? attempt : 0;
}

void radio_disconnect(void) {
    esp_wifi_disconnect();
}

static void write_address(char *text, esp_ip4_addr_t address) {
    if (address.addr == 0)
        text[0] = '\0';
    else
        esp_ip4addr_ntoa(&address, text, RADIO_ADDRESS_SIZE);
}

bool radio_lease(char addresses[RADIO_LEASE_ADDRESSES][RADIO_ADDRESS_SIZE]) {
    static const esp_netif_dns_type_t servers[] = {ESP_NETIF_DNS_MAIN, ESP_NETIF_DNS_BACKUP};
    esp_netif_ip_info_t info = {0};

    if (esp_netif_get_ip_info(station, &info) != ESP_OK || info.ip.addr == 0)
        return false;
    write_address(addresses[0], info.ip);
    write_address(addresses[1], info.gw);
    for (int i = 0; i < 2; i++) {
        esp_netif_dns_info_t dns = {0};
        bool known = esp_netif_get_dns_info(station, servers[i], &dns) == ESP_OK && dns.ip.type == ESP_IPADDR_TYPE_V4;
        write_address(addresses[2 + i], known ? dns.ip.u_addr.ip4 : (esp_ip4_addr_t){0});
    }
    return true;
}

int radio_rssi(void) {
    int rssi;

    return esp_wifi_sta_get_rssi(&rssi) == ESP_OK ? rssi : 0;
}

bool radio_scan(const uint8_t *ssid, size_t ssid_length, uint8_t channel) {
    uint8_t name[RADIO_SSID_MAX + 1] = {0};
    wifi_scan_config_t config = {.channel = channel, .show_hidden = true, .scan_type = WIFI_SCAN_TYPE_ACTIVE};

    if (ssid_length > 0) {
        memcpy(name, ssid, ssid_length);
        config.ssid = name;
    }
    return esp_wifi_scan_start(&config, false) == ESP_OK;
}

bool radio_next_found(radio_found *found) {
    wifi_ap_record_t record;

    if (esp_wifi_scan_get_ap_record(&record) != ESP_OK)
        return false;
    memset(found, 0, sizeof *found);
    found->ssid_length = (uint8_t)strnlen((const char *)record.ssid, RADIO_SSID_MAX);
    memcpy(found->ssid, record.ssid, found->ssid_length);
    memcpy(found->bssid, record.bssid, sizeof found->bssid);
    found->channel = record.primary;
    found->rssi = record.rssi;
    found->authmode = (uint8_t)record.authmode;
    return true;
}

void radio_forget_found(void) {
    esp_wifi_clear_ap_list();
}

static bool start_dhcp_server(void) {
    esp_err_t error = esp_netif_dhcps_start(access_point);

    return error == ESP_OK || error == ESP_ERR_ESP_NETIF_DHCP_ALREADY_STARTED;
}

/* The DHCP server names the access point as router and as name server, which is ESP-IDF's default. */
static bool set_address(const char *address) {
    esp_netif_ip_info_t info = {0};
    esp_netif_ip_info_t before = {0};

    if (esp_netif_str_to_ip4(address, &info.ip) != ESP_OK)
        return false;
    info.gw = info.ip;
    info.netmask.addr = ESP_IP4TOADDR(255, 255, 255, 0);
    if (esp_netif_get_ip_info(access_point, &before) == ESP_OK && before.ip.addr == info.ip.addr)
        return start_dhcp_server();
    /* The address cannot change under a running server; one that does not run is as good as stopped. */
    esp_netif_dhcps_stop(access_point);
    if (esp_netif_set_ip_info(access_point, &info) != ESP_OK || !start_dhcp_server())
        return false;
    /* Phones that are here would keep their lease of before: they come back and ask again. */
    return radio_phones() == 0 || esp_wifi_deauth_sta(0) == ESP_OK;
}

bool radio_open_access_point(const radio_network *network, const char *address) {
    wifi_config_t config = {0};
    wifi_ap_config_t *ap = &config.ap;

    memcpy(ap->ssid, network->ssid, network->ssid_length);
    ap->ssid_len = (uint8_t)network->ssid_length;
    memcpy(ap->password, network->password, sizeof ap->password);
    ap->channel = network->channel;
    ap->authmode = network->password[0] == '\0' ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK;
    ap->pairwise_cipher = WIFI_CIPHER_TYPE_CCMP;
    ap->pmf_cfg.capable = true;
    ap->max_connection = RADIO_PHONES;
    ap->beacon_interval = BEACON_INTERVAL;
    return set_address(address) && esp_wifi_set_mode(WIFI_MODE_APSTA) == ESP_OK &&
           esp_wifi_set_config(WIFI_IF_AP, &config) == ESP_OK;
}

/* The station goes on. */
void radio_close_access_point(void) {
    wifi_mode_t mode;

    if (esp_wifi_get_mode(&mode) == ESP_OK && mode != WIFI_MODE_STA)
        esp_wifi_set_mode(WIFI_MODE_STA);
}

int radio_phones(void) {
    wifi_sta_list_t list = {0};

    return esp_wifi_ap_get_sta_list(&list) == ESP_OK ? list.num : 0;
}

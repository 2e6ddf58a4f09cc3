/* What port.h asks of ESP-IDF's interfaces, over lwIP's (freertos.c). */
#ifndef STAND_IN_ESP_NETIF_H
#define STAND_IN_ESP_NETIF_H

#include <stdbool.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_INVALID_STATE 0x103

typedef struct netif esp_netif_t;

esp_netif_t *esp_netif_get_handle_from_ifkey(const char *key);
bool esp_netif_is_netif_up(esp_netif_t *netif);
esp_err_t esp_netif_get_netif_impl_name(esp_netif_t *netif, char *name);

#endif

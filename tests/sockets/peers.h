/* Peers of the device over net.h, and its ends of their connections. */
#ifndef PEERS_H
#define PEERS_H

#include "net.h"
#include "rig.h"

#define PORT 80
#define ROUTER "192.168.1.9"
#define PHONE "10.1.1.7"

/* With a port of its own each time; towards PORT of the device. */
net_peer peer_at(int interface, const char *address);

/* The device opens a connection to a peer beyond the router; false: it has no memory. Its SYN is out. */
bool open_towards(rig_end *end, net_peer *peer);
/* The same, until it stands. */
bool connect_to(rig_end *end, net_peer *peer);

/* On its interface and address, at PORT. */
void listen_at_access_point(rig_end *listener);
/* A peer's connection as far as lwIP makes it without the device's program. */
void dial(net_peer *peer);
/* What `dial` made. */
void take(rig_end *listener, rig_end *end);

/* What is left of a connection in lwIP goes. */
void forget(net_peer *peer);

#endif

import { ACTIVEMQ } from "./products/activemq";
import { EJABBERD } from "./products/ejabberd";
import { MOSQUITTO } from "./products/mosquitto";
import { NATS } from "./products/nats";
import { RABBITMQ } from "./products/rabbitmq";

/** In the order of the table's columns. */
export const PRODUCTS = [MOSQUITTO, RABBITMQ, NATS, EJABBERD, ACTIVEMQ] as const;

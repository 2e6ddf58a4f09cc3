/** Host names and addresses of the simulated internet: documentation ranges (RFC 5737, RFC 6761). */
export const CLOUD_HOST = "broker.aerolink.test";
export const CLOUD_ADDRESS = "198.51.100.10";
export const TIME_HOSTS = ["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org"] as const;
export const TIME_ADDRESSES = ["203.0.113.1", "203.0.113.2", "203.0.113.3"] as const;

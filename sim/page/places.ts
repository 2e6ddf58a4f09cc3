/** What can be open beside the picture; those of one thing are turned like the leaves of a folder. */
export const PLACES = {
  tour: { title: "Guided tour", leaf: "Tour", of: "tour" },
  device: { title: "The device", leaf: "Device", of: "device" },
  firmware: { title: "The firmware", leaf: "Firmware", of: "device" },
  identity: { title: "The certificate", leaf: "Certificate", of: "device" },
  sensors: { title: "The sensors", leaf: "Sensors", of: "device" },
  phone: { title: "The phone", leaf: "Phone", of: "phone" },
  routers: { title: "The routers", leaf: "Routers", of: "routers" },
  line: { title: "The line", leaf: "Line", of: "line" },
  cloud: { title: "The cloud", leaf: "Readings", of: "cloud" },
  messages: { title: "The cloud's messages", leaf: "Messages", of: "cloud" },
} as const satisfies Record<string, { title: string; leaf: string; of: string }>;

export type Place = keyof typeof PLACES;
export const PLACE_NAMES = Object.keys(PLACES) as Place[];

/** `undefined` closes what is open. */
export type Open = (place: Place | undefined) => void;

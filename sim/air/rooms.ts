// Three rooms of a flat in the cool season, by what goes on in them. The shapes and figures are plausible, not measured.

/** What somebody does in a room, from `at` (hours of the day) for `hours`, each wandering by up to `spread` hours a day. */
export interface Activity {
  readonly name: string;
  readonly at: number;
  readonly hours: number;
  readonly spread: number;
  /** Part of the days on which it happens; default: all. */
  readonly chance?: number;
  /** Persons in the room meanwhile, and whether they sleep. */
  readonly persons?: number;
  readonly asleep?: boolean;
  /** Outdoor air that an open window or a hood brings, room volumes an hour. */
  readonly airing?: number;
  /** What it gives off: PM2.5, milligrams an hour; water, grams an hour; heat, kelvins an hour. */
  readonly particles?: number;
  readonly water?: number;
  readonly heat?: number;
  /** Volatile organic compounds and nitrogen dioxide, in ppb of the room's air an hour. */
  readonly voc?: number;
  readonly no2?: number;
  /** Coarse dust that steps and beds raise: PM10 above PM2.5, milligrams an hour. */
  readonly dust?: number;
}

export interface Room {
  /** m³. */
  readonly volume: number;
  /** Outdoor air through joints, room volumes an hour. */
  readonly infiltration: number;
  /** °C that the heating keeps by day and by night. */
  readonly day: number;
  readonly night: number;
  readonly activities: readonly Activity[];
}

const COOKING = { persons: 2, water: 900, heat: 5, dust: 2 } as const;

export const ROOMS = {
  kitchen: {
    volume: 35,
    infiltration: 0.6,
    day: 21,
    night: 19,
    activities: [
      {
        ...{ name: "breakfast", at: 7.1, hours: 0.4, spread: 0.3 },
        ...{ ...COOKING, persons: 3, particles: 1.5, voc: 250, no2: 60 },
      },
      { name: "airing", at: 7.9, hours: 0.25, spread: 0.2, airing: 6 },
      {
        ...{ name: "lunch", at: 12.4, hours: 0.4, spread: 0.5, chance: 0.6 },
        ...{ ...COOKING, persons: 1, particles: 3, voc: 300, no2: 80 },
      },
      {
        ...{ name: "dinner", at: 18.4, hours: 0.7, spread: 0.6 },
        ...{ ...COOKING, particles: 10, voc: 700, no2: 140 },
      },
      // The hood runs while there is frying, and the window is opened when it is over.
      { name: "hood", at: 18.7, hours: 0.6, spread: 0.2, airing: 2.5 },
      { name: "at table", at: 19.2, hours: 1.2, spread: 0.4, persons: 4, dust: 1 },
      { name: "airing after dinner", at: 20.6, hours: 0.3, spread: 0.3, airing: 8 },
    ],
  },
  office: {
    volume: 45,
    infiltration: 0.5,
    day: 21.5,
    night: 18,
    activities: [
      { name: "morning", at: 8.6, hours: 3.4, spread: 0.3, persons: 2, heat: 0.4, dust: 1 },
      { name: "airing", at: 10.4, hours: 0.15, spread: 0.4, airing: 6, chance: 0.7 },
      { name: "printing", at: 11.2, hours: 0.2, spread: 1, voc: 600, particles: 0.3, chance: 0.5 },
      { name: "afternoon", at: 13, hours: 4.3, spread: 0.3, persons: 2, heat: 0.4, dust: 1 },
      { name: "visitors", at: 14.5, hours: 1, spread: 0.8, persons: 2, chance: 0.5 },
      { name: "cleaning", at: 17.8, hours: 0.4, spread: 0.3, persons: 1, voc: 900, dust: 8, chance: 0.4 },
    ],
  },
  bedroom: {
    volume: 36,
    infiltration: 0.4,
    day: 19.5,
    night: 17.5,
    activities: [
      { name: "small hours", at: 0, hours: 6.7, spread: 0, persons: 2, asleep: true },
      { name: "getting up", at: 6.7, hours: 0.5, spread: 0.2, persons: 2, voc: 300, dust: 12 },
      { name: "airing", at: 7.3, hours: 0.4, spread: 0.2, airing: 7 },
      { name: "going to bed", at: 22.3, hours: 0.5, spread: 0.3, persons: 2, dust: 6, voc: 80 },
      { name: "asleep", at: 22.8, hours: 1.2, spread: 0, persons: 2, asleep: true },
    ],
  },
} as const satisfies Record<string, Room>;

export type RoomName = keyof typeof ROOMS;
export const ROOM_NAMES = Object.keys(ROOMS) as RoomName[];

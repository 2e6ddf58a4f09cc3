import { ROOM_NAMES, type RoomName } from "../air/rooms";
import type { State } from "../live/protocol";
import { TWIN_FAULT_NAMES, TWIN_FAULTS } from "../sensors/faults";
import type { Act } from "./act";

/** The sensors of a board with drivers of its own: where it stands, and what can go wrong with each. */
export function Sensors({ board, act }: { board: NonNullable<State["board"]>; act: Act }) {
  return (
    <section class="place sensors" aria-labelledby="sensors-title">
      <div class="bar">
        <h2 id="sensors-title">{board.title}</h2>
        <label>
          stands in the{" "}
          <select
            value={board.room}
            data-do="carry"
            onChange={({ currentTarget }) => void act({ do: "carry", room: currentTarget.value as RoomName })}
          >
            {ROOM_NAMES.map((room) => (
              <option key={room} value={room}>
                {room}
              </option>
            ))}
          </select>
        </label>
      </div>
      {board.sensors.map(({ name, faults }) => (
        <fieldset key={name} class="router" data-sensor={name}>
          <legend>{name}</legend>
          <div class="ticks">
            {TWIN_FAULTS.map((fault) => (
              <label key={fault} class="tick">
                <input
                  type="checkbox"
                  data-fault={fault}
                  checked={faults.includes(fault)}
                  onChange={({ currentTarget }) =>
                    void act({ do: "sensor", sensor: name, fault, on: currentTarget.checked })
                  }
                />
                {TWIN_FAULT_NAMES[fault]}
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      {board.watchdog && (
        <p data-watchdog="">
          Watchdog beside the chip: fed {times(board.watchdog.fed)}
          {board.watchdog.bites > 0 && `, reset the board ${times(board.watchdog.bites)}`}.
        </p>
      )}
    </section>
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

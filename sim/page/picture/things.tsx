// What stands in the picture, each drawn on its spot: colours are the style sheet's, for day and night.
import type { Layout, Spot } from "./layout";

const at = ({ x, y, scale = 1 }: Spot): string => `translate(${x} ${y}) scale(${scale})`;

/** Walls, floor, furniture, and what is outside. */
export function House({ layout: { name } }: { layout: Layout }) {
  return name === "wide" ? (
    <>
      <rect class="sky" x="640" width="360" height="590" />
      <path class="ground" d="M650 504q180-44 350 0v86H650z" />
      <rect class="wall" width="640" height="590" />
      <rect class="floor" y="520" width="640" height="70" />
      <path class="skirting" d="M0 512h640v8H0z" />
      <rect class="brick" x="638" width="18" height="590" />
      <rect class="top" x="36" y="425" width="440" height="13" rx="4" />
      <rect class="wood" x="54" y="438" width="404" height="104" />
      <path class="edge" d="M256 438v104M54 542v14M458 542v14" />
      <rect class="top" x="490" y="300" width="136" height="9" rx="3" />
    </>
  ) : (
    <>
      <rect class="sky" width="390" height="612" />
      <path class="ground" d="M0 196q195-26 390 0v30H0z" />
      <rect class="wall" y="214" width="390" height="398" />
      <path class="brick" d="M0 214h390v12H0z" />
      <rect class="floor" y="592" width="390" height="20" />
      <rect class="top" x="10" y="540" width="370" height="10" rx="4" />
      <rect class="wood" x="20" y="550" width="350" height="50" />
      <rect class="top" x="262" y="342" width="112" height="7" rx="3" />
    </>
  );
}

export function Monitor({ spot }: { spot: Spot }) {
  return (
    <g transform={at(spot)}>
      <rect class="shade" x="-122" y="-6" width="244" height="12" rx="6" />
      <rect class="body" x="-130" y="-226" width="260" height="224" rx="34" />
      <path class="grille" d="M-92-52H92M-92-38H92M-92-24H92" />
    </g>
  );
}

export function Handset({ spot, isLit }: { spot: Spot; isLit: boolean }) {
  return (
    <g transform={at(spot)}>
      <rect class="glass" x="-30" y="-112" width="60" height="110" rx="11" />
      <rect class={isLit ? "screen-lit" : "screen-dim"} x="-24" y="-102" width="48" height="88" rx="4" />
      <path class="screen-lines" d="M-14-82h28M-14-66h28M-14-50h18" />
    </g>
  );
}

export function RouterBox({ spot, isOn }: { spot: Spot; isOn: boolean }) {
  return (
    <g transform={at(spot)}>
      <path class="metal" d="M-36-38l-9-58M36-38l9-58" />
      <rect class="body" x="-54" y="-40" width="108" height="40" rx="9" />
      <g class={isOn ? "lamp-on" : "lamp-off"}>
        <circle cx="-34" cy="-20" r="4" />
        <circle cx="-18" cy="-20" r="4" />
        <circle cx="-2" cy="-20" r="4" />
      </g>
    </g>
  );
}

/** The line in the street. Where the internet is cut, its wire hangs down. */
export function Pole({ spot, isCut }: { spot: Spot; isCut: boolean }) {
  return (
    <g transform={at(spot)}>
      <path class="timber" d="M0 0v-248M-24-228h48" />
      {isCut && <path class="wire" d="M20-228q14 50 2 92" />}
    </g>
  );
}

/** Names lead to addresses: DNS. */
export function Signpost({ spot }: { spot: Spot }) {
  return (
    <g transform={at(spot)}>
      <path class="metal" d="M0 0v-226" />
      <path class="sign" d="M-26-216h44l16 14-16 14h-44z" />
      <path class="sign" d="M26-178h-42l-16 13 16 13h42z" />
      <path class="letters" d="M-16-202h28M-10-165h28" />
    </g>
  );
}

/** What tells the time: SNTP. */
export function Tower({ spot }: { spot: Spot }) {
  return (
    <g transform={at(spot)}>
      <path class="stone" d="M-26 0v-232l26-40 26 40V0z" />
      <path class="letters" d="M-8 0v-34h16V0" />
      <circle class="dial" cy="-204" r="18" />
      <path class="hands" d="M0-216v12l9 5" />
    </g>
  );
}

export function CloudShape({ spot, isOff }: { spot: Spot; isOff: boolean }) {
  return (
    <g transform={at(spot)}>
      <path
        class={isOff ? "cloud-off" : "cloud-shape"}
        d="M-78 62a47 47 0 0 1-4-94 62 62 0 0 1 116-18 55 55 0 0 1 48 112z"
      />
    </g>
  );
}

export function Waves({ place, look }: { place: string; look: string }) {
  return (
    <g transform={place} class={`waves ${look}`}>
      <path d="M0-28a40 40 0 0 0 0 56M-24-44a62 62 0 0 0 0 88M-48-60a84 84 0 0 0 0 120" />
    </g>
  );
}

/** What says that a stretch of the way does not hold. */
export function Break({ spot, sign }: { spot: Spot; sign: "✗" | "!" }) {
  return (
    <g transform={at(spot)} class={sign === "!" ? "break warns" : "break"}>
      <circle r="15" />
      <path class="mark" d={sign === "!" ? "M0-8v9M0 7v.5" : "M-6-6l12 12M6-6l-12 12"} />
    </g>
  );
}

/** A signal of 1 to 4 bars, as phones show it. */
export function Bars({ rssi }: { rssi: number }) {
  const bars = Math.min(4, Math.max(1, Math.ceil((rssi + 95) / 12)));
  return (
    <svg class="bars" viewBox="0 0 19 14" width="19" height="14" role="img" aria-label={`${bars} of 4 bars`}>
      {[0, 1, 2, 3].map((i) => (
        <rect
          key={i}
          x={i * 5}
          y={10 - i * 3}
          width="4"
          height={4 + i * 3}
          rx="1"
          opacity={i < bars ? 1 : 0.25}
        />
      ))}
    </svg>
  );
}

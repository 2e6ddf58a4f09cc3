// The SDK's `resetReason` (build/devices/esp32/modules/resetReason). A test sets `next.reason`, an esp_reset_reason_t.
export const next = { reason: 1 };

export default function getResetReason(): { reason: number; string: string } {
  return { reason: next.reason, string: next.reason === 1 ? "Power-On" : "Invalid" };
}

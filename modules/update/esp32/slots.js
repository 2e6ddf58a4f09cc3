// Which of the two images starts (slots.h). Types: slots.d.ts. Native code: slots-xs.c.
export function areTwo() {
  return native("xs_slots_are_two").call(this);
}

export function running() {
  return native("xs_slots_running").call(this);
}

export function other() {
  return native("xs_slots_other").call(this);
}

export function forget() {
  return native("xs_slots_forget").call(this);
}

export function activate() {
  return native("xs_slots_activate").call(this);
}

export function confirm() {
  return native("xs_slots_confirm").call(this);
}

export function reject() {
  return native("xs_slots_reject").call(this);
}

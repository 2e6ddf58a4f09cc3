// Types: stack.d.ts. Native code: stack.c.
export function leastStack() {
  return native("xs_stack_least").call(this);
}

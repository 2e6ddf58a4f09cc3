/** The least that was ever free of the stack of the task that calls, bytes. */
export function leastStack(): number;

// XS globals that the firmware may use and Node lacks.
(globalThis as { trace?: (...log: unknown[]) => void }).trace = () => {};

import type { SerialPort, SerialPortOptions } from "../../modules/sensor/serial/serial-sensor";

/** The SDK's Serial on Linux; it calls a port `device`. */
declare const Serial: new (options: SerialPortOptions & { readonly device: string }) => SerialPort;
export default Serial;

export { board } from "./board/platform";

import "./language";
import { render } from "preact";
import { App } from "./app";
import { Store } from "./store";
import "./style.css";

const root = document.getElementById("app")!;
const store = new Store();
store.onDraw = () => render(<App store={store} state={store.state} />, root);
root.replaceChildren();
store.onDraw();
store.open((on) => {
  const events = new EventSource("/events");
  events.onmessage = ({ data }) => on.message(data as string);
  events.onerror = () => on.error();
  return events;
});

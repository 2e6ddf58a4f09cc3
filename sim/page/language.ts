// WebKitGTK calls its language "C" where the system has none, which Intl refuses; uPlot asks Intl as it loads.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en" });
}

// What is wrong with the page as it is laid out now, in words.
const faults = [];
const seen = (element) => element.getClientRects().length > 0;

if (document.documentElement.scrollWidth > innerWidth) faults.push(`it is ${document.documentElement.scrollWidth} wide`);
if (document.documentElement.lang !== "en") faults.push("it has no language");
if (!document.title) faults.push("it has no title");
for (const one of ["main", "h1"]) {
  if (document.querySelectorAll(one).length !== 1) faults.push(`it has not one ${one}`);
}
let last = 1;
for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
  const level = Number(heading.tagName[1]);
  if (level > last + 1) faults.push(`a level is left out before ${heading.innerText}`);
  last = level;
}
for (const field of document.querySelectorAll("input")) {
  if (seen(field) && !field.labels[0]?.innerText.trim()) faults.push(`${field.name} has no label`);
}
for (const id of document.querySelectorAll("[id]")) {
  if (document.querySelectorAll(`[id="${id.id}"]`).length !== 1) faults.push(`${id.id} is there twice`);
}
if (document.querySelector("script, img, iframe, object, embed, [style], [onclick]")) faults.push("it has what it must not have");
for (const entry of performance.getEntriesByType("resource")) faults.push(`it loads ${entry.name}`);

// Contrast (WCAG 2.2, 1.4.3 and 1.4.11).
const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
  const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    const alpha = channels(colour)[3] ?? 1;
    if (alpha === 1) return colour;
    if (alpha > 0) faults.push(`the ground of ${at.tagName} shows through`);
  }
  return "rgb(255, 255, 255)";
};
for (const element of document.querySelectorAll("body *")) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (hasText && seen(element)) {
    const found = contrast(getComputedStyle(element).color, ground(element));
    if (found < 4.5) faults.push(`contrast ${found.toFixed(2)} of “${element.innerText.slice(0, 30)}”`);
  }
  if (element.matches("input[type=password]") && seen(element)) {
    const found = contrast(getComputedStyle(element).borderTopColor, ground(element.parentElement));
    if (found < 3) faults.push(`contrast ${found.toFixed(2)} of the border of ${element.name}`);
  }
}
// Targets (WCAG 2.2, 2.5.8), but for links within a text.
for (const target of document.querySelectorAll("button, nav a, input[type=password], label:has(input)")) {
  const box = target.getBoundingClientRect();
  if (seen(target) && Math.min(box.width, box.height) < 24) faults.push(`${target.innerText || target.name} is ${box.width}×${box.height}`);
}
return faults;

const element = document.activeElement;
if (element === document.body) return { name: "BODY" };
const label = element.labels?.[0];
const name = element.getAttribute("aria-label") || (label ?? element).innerText.split("\n")[0];
const style = getComputedStyle(element);
return { name: name.trim(), visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };

// The guest book works without this file. It shows times as "5 minutes ago" and how many characters are left.

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function showRelativeTimes(now) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  for (const element of document.querySelectorAll("time[datetime]")) {
    const seconds = (now - new Date(element.dateTime)) / 1000;
    const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
    element.title = element.textContent;
    element.textContent = unit === "second" ? "just now" : format.format(-Math.floor(seconds / length), unit);
  }
}

function countCharacters(field) {
  const counter = document.createElement("p");
  counter.className = "counter";
  const update = () => {
    const left = field.maxLength - field.value.length;
    counter.textContent = `${left} characters left`;
    counter.hidden = left > field.maxLength / 4;
  };
  field.after(counter);
  field.addEventListener("input", update);
  update();
}

showRelativeTimes(new Date());
document.querySelectorAll("textarea[maxlength]").forEach(countCharacters);

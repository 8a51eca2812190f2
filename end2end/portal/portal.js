// What a portal may do with the embeds' events: here it only counts them.
window.heard = [];
for (const name of ["statuschange", "stale", "needtoken"]) {
  document.addEventListener(name, ({ target, detail }) =>
    window.heard.push({ name, from: target.id, detail }),
  );
}

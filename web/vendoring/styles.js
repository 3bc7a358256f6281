// The controls write <style> into their shadow trees, which a policy without 'unsafe-inline' forbids. Here the same texts
// become sheets that the trees adopt, each its own, because the controls change them. vendor.sh puts the calls in.

export function fill(root, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const styles = [...template.content.querySelectorAll("style")];
  root.adoptedStyleSheets = styles.map((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent);
    return sheet;
  });
  // A tree that is declared inside is filled by its own element.
  for (const extra of [...styles, ...template.content.querySelectorAll("template[shadowrootmode]")]) extra.remove();
  root.append(template.content);
}

/** What the controls look for: things with a sheet. */
export function sheetsOf(root) {
  return root.adoptedStyleSheets.map((sheet) => ({ sheet }));
}

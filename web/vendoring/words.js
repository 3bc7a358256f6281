// Runs before the controls are defined, because they read their labels when they are.
import { addTranslation, setLanguage } from "media-chrome/dist/utils/i18n.js";

const words = document.getElementById("player-words");
if (words) {
  const language = document.documentElement.lang;
  addTranslation(language, JSON.parse(words.textContent));
  setLanguage(language);
}

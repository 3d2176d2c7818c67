#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bring the translations up to date: ./packaging/translations.sh
# Collects the texts from the source into resources/locale/discwright.pot, merges them into each
# resources/locale/LANGUAGE/LC_MESSAGES/discwright.po, and compiles those to .mo.
# A new language: msginit -i resources/locale/discwright.pot -o resources/locale/LANGUAGE/LC_MESSAGES/discwright.po
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for tool in xgettext msgmerge msgfmt; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is missing; it comes with the package gettext." >&2
    exit 1
  fi
done

locale=resources/locale
template=$locale/discwright.pot
mkdir -p "$locale"
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
# The date would make every run a change; it is left out.
find app/discwright -name '*.py' | LC_ALL=C sort |
  xgettext --files-from=- --language=Python --from-code=UTF-8 --output=- --no-wrap --add-location=file --add-comments=Translators \
    --keyword --keyword=_ --keyword=counted:1,2 --package-name=Discwright --copyright-holder="The Discwright authors" |
  sed -e '/^"POT-Creation-Date:/d' -e 's/charset=CHARSET/charset=UTF-8/' >"$scratch"
cat "$scratch" >"$template"

for translation in "$locale"/*/LC_MESSAGES/discwright.po; do
  [[ -e $translation ]] || continue
  msgmerge --quiet --update --backup=none --no-wrap "$translation" "$template"
  msgfmt --check --output-file="${translation%.po}.mo" "$translation"
done
echo "$template: $(grep -c '^msgid "' "$template") texts"

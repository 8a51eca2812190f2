//! Which views there are, and which sections of them are shown.

/// A kind of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmbedKind {
    /// Tonight's run.
    Status,
    /// Recent runs.
    Runs,
    /// One run.
    Run,
    /// When runs start.
    Schedule,
}

impl EmbedKind {
    /// The sections that it may have, in their order, and whether each is shown where nobody chose.
    pub fn sections(self) -> &'static [(&'static str, bool)] {
        match self {
            EmbedKind::Status => &[
                ("headline", true),
                ("progress", true),
                ("phases", true),
                ("facts", true),
                ("errors", false),
            ],
            EmbedKind::Run => &[
                ("headline", true),
                ("progress", true),
                ("phases", true),
                ("facts", true),
                ("errors", true),
            ],
            EmbedKind::Runs => &[("chart", true), ("table", true)],
            EmbedKind::Schedule => &[("next", true), ("settings", true), ("ahead", true)],
        }
    }
}

/// The sections that are shown: a bit for each of [`EmbedKind::sections`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EmbedSections {
    kind: EmbedKind,
    shown: u8,
}

impl EmbedSections {
    /// Those of a list with commas; the usual ones where it names none that the view has.
    pub fn parse(kind: EmbedKind, list: Option<&str>) -> EmbedSections {
        let named: Vec<&str> = list.unwrap_or_default().split(',').map(str::trim).collect();
        let bits = |is: &dyn Fn(&str, bool) -> bool| {
            let all = kind.sections().iter().enumerate();
            all.filter(|(_, (name, usual))| is(name, *usual))
                .fold(0, |bits, (index, _)| bits | 1 << index)
        };
        let chosen = bits(&|name, _| named.contains(&name));
        EmbedSections {
            kind,
            shown: if chosen == 0 {
                bits(&|_, usual| usual)
            } else {
                chosen
            },
        }
    }

    /// Returns true if a section is shown.
    pub fn has(self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The names of those that are shown, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = self.kind.sections().iter().enumerate();
        all.filter(move |(index, _)| self.shown & 1 << index != 0)
            .map(|(_, (name, _))| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_sections_are_passed_over_and_none_means_the_usual_ones() {
        let names = |list| {
            EmbedSections::parse(EmbedKind::Status, list)
                .names()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(Some("facts,nonsense, headline")),
            ["headline", "facts"]
        );
        assert_eq!(names(None), ["headline", "progress", "phases", "facts"]);
        assert_eq!(names(Some("chart")), names(None), "that is another view's");
        assert_eq!(names(Some("errors")), ["errors"]);
    }
}

//! How a viewer wants to see the console. Browsers keep it in cookies, so that the server writes it
//! into the first byte of a page.

/// The viewer's choices; the default is what somebody sees who chose nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `light` or `dark`; as the system has it where absent.
    pub theme: Option<&'static str>,
    /// IANA name of the zone that times are shown in; the exchange's where absent.
    pub zone: Option<String>,
    /// Whether rows stand closer together.
    pub compact: bool,
    /// Whether a run's end is heard.
    pub sound: bool,
    /// Whether the browser tells of a run's end while the page is not looked at.
    pub notify: bool,
}

impl Preferences {
    /// From the cookies of a request. What is not one of the choices counts as not chosen.
    pub fn from_cookies<'a>(cookies: impl Iterator<Item = (&'a str, &'a str)>) -> Preferences {
        let mut chosen = Preferences::default();
        for (name, value) in cookies {
            match (name, value) {
                ("theme", "light") => chosen.theme = Some("light"),
                ("theme", "dark") => chosen.theme = Some("dark"),
                ("zone", name) => {
                    chosen.zone = Some(name.to_owned()).filter(|name| !name.is_empty());
                }
                ("density", "compact") => chosen.compact = true,
                ("sound", "on") => chosen.sound = true,
                ("notify", "on") => chosen.notify = true,
                _ => {}
            }
        }
        chosen
    }

    /// The cookies that keep them: names, and values where something other than the default was
    /// chosen.
    pub fn cookies(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("theme", self.theme),
            ("zone", self.zone.as_deref()),
            ("density", self.compact.then_some("compact")),
            ("sound", self.sound.then_some("on")),
            ("notify", self.notify.then_some("on")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_comes_back_from_its_cookies() {
        let chosen = Preferences {
            theme: Some("dark"),
            zone: Some("Europe/Berlin".into()),
            sound: true,
            ..Default::default()
        };
        let cookies = chosen.cookies();
        let kept = cookies
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        assert_eq!(Preferences::from_cookies(kept), chosen);
        let odd = [
            ("theme", "pink"),
            ("density", "9"),
            ("zone", ""),
            ("session", "s"),
        ];
        assert_eq!(
            Preferences::from_cookies(odd.into_iter()),
            Preferences::default()
        );
    }
}

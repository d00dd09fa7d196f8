package demo

// An operator runs one bidding zone's grid and writes one file a day.
type operator struct {
	name       string // of the file, without ending
	zone       string
	compresses bool // finished days are gzipped
	neighbours []string
	stations   []string
	people     []string
	plants     []string
}

var operators = []operator{
	{
		name: "dk1-control", zone: "DK1",
		neighbours: []string{"DK2", "NO2", "SE3", "DE", "NL"},
		stations:   []string{"Kassø", "Tjele", "Malling", "Trige", "Ferslev", "Vester Hassing", "Endrup", "Idomlund", "Revsing", "Landerupgård"},
		people:     []string{"Sørensen", "Holm", "Kjær", "Bruun", "Vestergaard"},
		plants:     []string{"Horns Rev", "Vesterhav Nord", "Anholt", "Studstrup", "Skærbæk"},
	},
	{
		name: "no2-control", zone: "NO2", compresses: true,
		neighbours: []string{"NO1", "NO5", "DK1", "DE", "NL", "GB"},
		stations:   []string{"Kristiansand", "Feda", "Kvilldal", "Sylling", "Holen", "Tonstad", "Solhom", "Arendal", "Lyse", "Saurdal"},
		people:     []string{"Haugen", "Lie", "Bakken", "Moen", "Strand"},
		plants:     []string{"Kvilldal", "Tonstad", "Holen", "Sira-Kvina", "Lysebotn"},
	},
	{
		name: "se3-control", zone: "SE3",
		neighbours: []string{"SE2", "SE4", "DK1", "NO1", "FI"},
		stations:   []string{"Hallsberg", "Tuna", "Odensala", "Kimstad", "Glan", "Lindome", "Strömma", "Hurva", "Finnböle", "Älvkarleby"},
		people:     []string{"Lindqvist", "Åberg", "Nyström", "Ekman", "Sandell"},
		plants:     []string{"Forsmark", "Ringhals", "Oskarshamn", "Trängslet", "Stornorrfors"},
	},
	{
		name: "fi-control", zone: "FI", compresses: true,
		neighbours: []string{"SE1", "SE3", "EE"},
		stations:   []string{"Anttila", "Espoo", "Rauma", "Huutokoski", "Pikkarala", "Petäjäskoski", "Ulvila", "Hikiä", "Länsisalmi", "Alajärvi"},
		people:     []string{"Virtanen", "Mäkelä", "Heikkinen", "Koskinen", "Salo"},
		plants:     []string{"Olkiluoto", "Loviisa", "Petäjäskoski", "Meri-Pori", "Seitakorva"},
	},
	{
		name: "de-control", zone: "DE",
		neighbours: []string{"DK1", "DK2", "NL", "PL", "CZ", "AT", "NO2", "SE4"},
		stations:   []string{"Audorf", "Handewitt", "Diele", "Conneforde", "Wilster", "Güstrow", "Bärwalde", "Röhrsdorf", "Redwitz", "Großkrotzenburg"},
		people:     []string{"Schröder", "Köhler", "Petersen", "Weiß", "Lange"},
		plants:     []string{"Moorburg", "Jänschwalde", "Boxberg", "Gode Wind", "Goldisthal"},
	},
}

package schema_test

import (
	"errors"
	"fmt"

	"aws-secrets-manager-connector/internal/schema"
)

func Example() {
	s, err := schema.Compile("secret", []byte(`{
	  "type": "object", "additionalProperties": false,
	  "properties": {
	    "Name":         {"type": "string", "required": true, "minLength": 1},
	    "Days":         {"type": "integer", "minimum": 7, "maximum": 30},
	    "SecretString": {"type": "string", "format": "password", "maxLength": 20}
	  }
	}`))
	if err != nil {
		panic(err)
	}

	// A number given as text becomes a number.
	body, err := s.Check([]byte(`{"Name": "db", "Days": "7"}`))
	fmt.Println(string(body), err)

	// Every broken rule is found, and no text of the document is repeated.
	_, err = s.Check([]byte(`{"name": "db", "Days": 31, "SecretString": "correct horse battery staple"}`))
	var violations *schema.Violations
	if errors.As(err, &violations) {
		for _, v := range violations.List {
			fmt.Println(v)
		}
	}

	fmt.Println(string(s.Mask([]byte(`{"Name": "db", "SecretString": "correct horse"}`))))
	// Output:
	// {"Days":7,"Name":"db"} <nil>
	// body.Days: must be at most 30 (given: 31)
	// body.Name: is missing – map a value
	// body.SecretString: must have at most 20 characters (given: a string)
	// body.name: is an unknown property – did you mean Name?
	// {"Name":"db","SecretString":"***"}
}
